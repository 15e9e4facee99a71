#include "simulator/domain/pacemaker.hpp"

#include <algorithm>

namespace carillon::simulator {

Pace Paced(const Load& load, const PaceRules& rules) {
  if (load.part_down) return {0, load.now};
  Pace pace{load.quiet ? std::max(rules.quiet_rate, rules.target_rate) : rules.target_rate,
            load.next_due.value_or(TimePoint::max())};
  if (load.dialling) pace.rate = std::min(pace.rate, rules.dial_rate);
  const auto wait_for = [&](TimePoint due, Duration slack) {
    pace.rate = std::min(rules.busy_rate, rules.target_rate);
    pace.until = std::min(pace.until, due + slack);
  };
  if (load.oldest_open) wait_for(*load.oldest_open, rules.slack);
  if (load.promised) wait_for(*load.promised, rules.promise_slack);
  if (pace.until <= load.now) return {0, load.now};
  return pace;
}

Punctuality::Ticket Punctuality::Begin(TimePoint due) {
  const Ticket ticket = next_++;
  open_.emplace(ticket, due);
  by_due_.emplace(due, ticket);
  return ticket;
}

bool Punctuality::Done(Ticket ticket, TimePoint now) {
  const auto found = open_.find(ticket);
  if (found == open_.end()) return false;
  const auto [first, last] = by_due_.equal_range(found->second);
  for (auto it = first; it != last; ++it) {
    if (it->second == ticket) {
      by_due_.erase(it);
      break;
    }
  }
  lags_.push_back(std::max(Duration{0}, now - found->second));
  open_.erase(found);
  return true;
}

std::optional<TimePoint> Punctuality::OldestOpen() const {
  if (by_due_.empty()) return std::nullopt;
  return by_due_.begin()->first;
}

Punctuality::Lag Punctuality::Lags() const {
  Lag out;
  if (lags_.empty()) return out;
  auto sorted = lags_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
    return std::chrono::duration<double>(sorted[rank]).count();
  };
  out.p50_s = at(0.5);
  out.p99_s = at(0.99);
  out.max_s = std::chrono::duration<double>(sorted.back()).count();
  return out;
}

}  // namespace carillon::simulator
