#include "config/registry.hpp"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace carillon::config {
namespace {

template <class N>
std::string SetNumber(const std::string& text, N& target, N least, N most) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::ostringstream problem;
  if (error != std::errc{} || end != text.data() + text.size()) {
    problem << "\"" << text << "\" is not a number";
  } else if (value < least || value > most) {
    problem << text << " is not between " << least << " and " << most;
  } else {
    target = value;
  }
  return problem.str();
}

std::string EnvironmentName(const std::string& service, const std::string& key) {
  std::string name = "CARILLON_" + service + "_" + key;
  for (char& c : name)
    c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void FlattenJson(const nlohmann::json& node, const std::string& prefix,
                 std::map<std::string, std::string>& out) {
  for (const auto& [key, value] : node.items()) {
    const auto path = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object()) {
      FlattenJson(value, path, out);
    } else {
      out[path] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
}

}  // namespace

void Registry::String(std::string key, std::string& target, std::string description) {
  entries_.push_back({std::move(key), std::move(description), target, false, false, false,
                      [&target](const std::string& text) {
                        target = text;
                        return std::string();
                      },
                      [&target] { return target; }});
}

void Registry::Int(std::string key, int& target, std::string description, int least, int most) {
  entries_.push_back(
      {std::move(key), std::move(description), std::to_string(target), false, false, false,
       [&target, least, most](const std::string& text) { return SetNumber(text, target, least, most); },
       [&target] { return std::to_string(target); }});
}

void Registry::Double(std::string key, double& target, std::string description, double least, double most) {
  entries_.push_back(
      {std::move(key), std::move(description), std::to_string(target), false, false, false,
       [&target, least, most](const std::string& text) { return SetNumber(text, target, least, most); },
       [&target] { return std::to_string(target); }});
}

void Registry::Bool(std::string key, bool& target, std::string description) {
  const auto show = [](bool b) { return std::string(b ? "true" : "false"); };
  entries_.push_back({std::move(key), std::move(description), show(target), false, false, false,
                      [&target](const std::string& text) {
                        if (text != "true" && text != "false")
                          return "\"" + text + "\" is neither true nor false";
                        target = text == "true";
                        return std::string();
                      },
                      [&target, show] { return show(target); }});
}

void Registry::Secret(std::string key, std::string& target, std::string description, bool required) {
  String(std::move(key), target, std::move(description));
  entries_.back().secret = true;
  entries_.back().required = required;
  entries_.back().fallback = target.empty() ? "none" : "***";
}

std::vector<std::string> Registry::Load(const std::string& service, const std::string& file,
                                        const Environment& env) {
  std::vector<std::string> problems;
  std::map<std::string, std::string> from_file;
  if (!file.empty()) {
    std::ifstream in(file);
    const auto json = nlohmann::json::parse(in, nullptr, false);
    if (!in || json.is_discarded() || !json.is_object()) {
      problems.push_back("the settings file " + file + " is missing or is not a JSON object");
    } else {
      FlattenJson(json, "", from_file);
    }
  }
  std::map<std::string, bool> known_names;
  for (auto& entry : entries_) {
    const auto apply = [&](const std::string& text, const std::string& source) {
      entry.given = true;
      if (const auto problem = entry.set(text); !problem.empty())
        problems.push_back(entry.key + " (" + source + "): " + (entry.secret ? "bad value" : problem));
    };
    if (const auto it = from_file.find(entry.key); it != from_file.end()) {
      if (entry.secret) {
        problems.push_back(entry.key + " is a secret and may not stand in " + file);
      } else {
        apply(it->second, file);
      }
      from_file.erase(it);
    }
    const auto name = EnvironmentName(service, entry.key);
    known_names[name] = true;
    known_names[name + "_FILE"] = entry.secret;
    if (const auto it = env.find(name); it != env.end()) {
      apply(it->second, name);
    } else if (const auto path = env.find(name + "_FILE"); entry.secret && path != env.end()) {
      std::ifstream in(path->second);
      std::string text;
      if (std::getline(in, text)) {
        apply(text, name + "_FILE");
      } else {
        problems.push_back(entry.key + ": cannot read " + path->second);
      }
    }
    if (entry.required && !entry.given) problems.push_back(entry.key + " is required: set " + name);
  }
  for (const auto& [key, value] : from_file) problems.push_back("unknown setting " + key + " in " + file);
  const auto prefix = EnvironmentName(service, "");
  for (const auto& [name, value] : env)
    if (name.starts_with(prefix) && !known_names[name]) problems.push_back("unknown setting " + name);
  return problems;
}

std::string Registry::Print() const {
  std::ostringstream out;
  for (const auto& entry : entries_)
    out << entry.key << " = " << (entry.secret ? (entry.get().empty() ? "" : "***") : entry.get()) << "   # "
        << entry.description << " (default " << (entry.fallback.empty() ? "none" : entry.fallback) << ")\n";
  return out.str();
}

Registry::Environment ProcessEnvironment() {
  Registry::Environment out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (const auto at = text.find('='); at != std::string::npos)
      out[text.substr(0, at)] = text.substr(at + 1);
  }
  return out;
}

}  // namespace carillon::config
