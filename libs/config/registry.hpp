#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Declared settings: each has a key, a description, a default, and bounds; an unknown key is refused.
///
/// Sources, later wins: defaults < a JSON file ({"cache": {"ttl_s": 60}}) < environment
/// CARILLON_<SERVICE>_<KEY> (dots become underscores). Secrets come from the environment or, with the suffix
/// _FILE, from a file; never from the JSON file. All problems are found at once.
///
///   struct Settings {
///     int ttl_s = 300;
///     void Declare(config::Registry& r) { r.Int("cache.ttl_s", ttl_s, "life of a cached look-up, seconds",
///     1, 86400); }
///   };
namespace carillon::config {

class Registry {
 public:
  void String(std::string key, std::string& target, std::string description);
  void Int(std::string key, int& target, std::string description, int least, int most);
  void Double(std::string key, double& target, std::string description, double least, double most);
  void Bool(std::string key, bool& target, std::string description);
  /// Shown as "***" wherever settings are printed; `required` ones must be given.
  void Secret(std::string key, std::string& target, std::string description, bool required = false);

  using Environment = std::map<std::string, std::string>;
  /// Fills the targets. `file` may be empty. Returns every problem as a sentence; empty = all is well.
  std::vector<std::string> Load(const std::string& service, const std::string& file, const Environment& env);

  /// `key = value   # description (default …)`, one line a setting, secrets masked.
  std::string Print() const;

 private:
  struct Entry {
    std::string key, description, fallback;
    bool secret, required, given;
    std::function<std::string(const std::string&)> set;  // returns the problem, or ""
    std::function<std::string()> get;
  };
  std::vector<Entry> entries_;
};

/// The environment of this process.
Registry::Environment ProcessEnvironment();

}  // namespace carillon::config
