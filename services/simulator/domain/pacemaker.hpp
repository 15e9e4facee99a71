#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.hpp"

/// How fast the simulated clock may run. The clock is fast only while nothing is waiting for anybody.
namespace carillon::simulator {

struct PaceRules {
  double target_rate = 600;                           ///< business seconds a real second with nothing to do
  double quiet_rate = 3600;                           ///< with nobody at work and no call on a line
  double busy_rate = 20;                              ///< while a piece of due work is under way
  double dial_rate = 100;                             ///< while campaigns dial: what dialers can follow
  Duration slack = std::chrono::milliseconds{200};    ///< a piece of work late by this stops the clock
  Duration promise_slack = std::chrono::seconds{10};  ///< a promised call late by this stops it
};

/// What the pacemaker sees.
struct Load {
  TimePoint now;
  std::optional<TimePoint> oldest_open;  ///< due time of the oldest piece of work begun and not done
  std::optional<TimePoint> next_due;     ///< of the agenda
  std::optional<TimePoint> promised;     ///< oldest call a customer was promised that is due and can be made
  bool dialling = false;                 ///< inside a campaign's hours
  bool quiet = false;                    ///< nobody at work, no call on a line
  bool part_down = false;                ///< a stream is gone or a service does not answer
};

/// A rate, and the moment at which the clock stands still if nothing else is said.
struct Pace {
  double rate = 0;
  TimePoint until;
  bool operator==(const Pace&) const = default;
};

/// Pure. Rate 0 while a part is down or work is later than the slack; slow while work is under way, never
/// past the moment it would be too late; else fast, never past the next piece of work.
Pace Paced(const Load& load, const PaceRules& rules);

/// Work under way, and how late finished work was, in business time.
class Punctuality {
 public:
  using Ticket = std::uint64_t;
  Ticket Begin(TimePoint due);
  /// False when the ticket is unknown (done already).
  bool Done(Ticket ticket, TimePoint now);
  std::optional<TimePoint> OldestOpen() const;
  std::size_t open() const { return open_.size(); }
  std::size_t done() const { return lags_.size(); }

  struct Lag {
    double p50_s = 0, p99_s = 0, max_s = 0;
  };
  Lag Lags() const;

 private:
  std::map<Ticket, TimePoint> open_;
  std::multimap<TimePoint, Ticket> by_due_;
  std::vector<Duration> lags_;
  Ticket next_ = 1;
};

}  // namespace carillon::simulator
