#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "telephony/domain/switch_line.hpp"

namespace carillon::telephony::clients {

namespace pb = carillon::telephony::v1;

/// The adapter for switches that speak SwitchService: they keep a WatchDirectives stream open, and their line
/// is that stream (or several).
///
/// Holds in memory the latest directive of every live call it was told of, and of the calls that ended lately
/// so that a straggler cannot wake them. The rows are the truth: a stream begins with what the database says,
/// merged with what is known here, so nothing said between that read and the beginning is lost. Thread-safe;
/// a `Sink` is called under the lock and must not block or call back.
class SwitchLink final : public domain::SwitchLine {
 public:
  using Sink = std::function<void(const pb::Directive&)>;

  void Direct(const domain::Line& line, const pb::Directive& directive) override;
  void Over(const domain::Line& line, const pb::Directive& last) override;
  bool Press(const domain::Line& line, const pb::Directive& keys) override;
  /// A stream of the line is open.
  bool Reaches(const domain::Line& line);

  /// Opens a stream: `sink` gets the latest directive of every live call of the line at once, then each new
  /// one. `live` is what the database says of the line's live calls.
  std::uint64_t Open(const domain::Line& line, const std::vector<pb::Directive>& live, Sink sink);
  void Close(std::uint64_t stream);

 private:
  struct Desired {
    pb::Directive directive;
    bool over = false;
  };
  struct Stream {
    domain::Line line;
    Sink sink;
  };
  bool Take(const domain::Line& line, const pb::Directive& directive, bool over);

  std::mutex mutex_;
  std::map<domain::Line, std::map<std::string, Desired>> lines_;
  std::deque<std::pair<domain::Line, std::string>> over_;
  std::map<std::uint64_t, Stream> streams_;
  std::uint64_t last_stream_ = 0;
};

}  // namespace carillon::telephony::clients
