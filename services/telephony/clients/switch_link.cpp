#include "telephony/clients/switch_link.hpp"

#include <algorithm>

namespace carillon::telephony::clients {
namespace {

/// How many ended calls are remembered; more than can have a change on its way when they end.
constexpr std::size_t kOverKept = 10'000;

}  // namespace

bool SwitchLink::Take(const domain::Line& line, const pb::Directive& directive, bool over) {
  auto& desired = lines_[line][directive.call()];
  const bool newer = !desired.over && directive.version() > desired.directive.version();
  if (newer) desired.directive = directive;
  if (over && !desired.over) {
    desired.over = true;
    over_.emplace_back(line, directive.call());
    while (over_.size() > kOverKept) {
      auto& calls = lines_[over_.front().first];
      calls.erase(over_.front().second);
      over_.pop_front();
    }
  }
  return newer;
}

void SwitchLink::Direct(const domain::Line& line, const pb::Directive& directive) {
  const std::lock_guard lock(mutex_);
  if (!Take(line, directive, false)) return;
  for (const auto& [id, stream] : streams_)
    if (stream.line == line) stream.sink(directive);
}

void SwitchLink::Over(const domain::Line& line, const pb::Directive& last) {
  const std::lock_guard lock(mutex_);
  if (!Take(line, last, true)) return;
  for (const auto& [id, stream] : streams_)
    if (stream.line == line) stream.sink(last);
}

bool SwitchLink::Press(const domain::Line& line, const pb::Directive& keys) {
  const std::lock_guard lock(mutex_);
  if (lines_[line][keys.call()].over) return false;
  bool told = false;
  for (const auto& [id, stream] : streams_) {
    if (stream.line != line) continue;
    stream.sink(keys);
    told = true;
  }
  return told;
}

bool SwitchLink::Reaches(const domain::Line& line) {
  const std::lock_guard lock(mutex_);
  return std::any_of(streams_.begin(), streams_.end(),
                     [&](const auto& stream) { return stream.second.line == line; });
}

std::uint64_t SwitchLink::Open(const domain::Line& line, const std::vector<pb::Directive>& live, Sink sink) {
  const std::lock_guard lock(mutex_);
  for (const auto& directive : live) Take(line, directive, false);
  for (const auto& [call, desired] : lines_[line])
    if (!desired.over) sink(desired.directive);
  streams_.emplace(++last_stream_, Stream{line, std::move(sink)});
  return last_stream_;
}

void SwitchLink::Close(std::uint64_t stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

}  // namespace carillon::telephony::clients
