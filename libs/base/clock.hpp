#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

/// The only clock of the project. Everything else gets time as an argument.
///
/// Two times exist. **Business time** (waits, offers, SLA, business timestamps) comes from a Clock and may
/// run fast on one machine: all processes then share one small mapped file. **Real time** (deadlines, leases,
/// retries, tokens) is std::chrono::steady_clock or RealNow(), and is never faster than the wall.
namespace carillon {

/// An instant of business time, UTC, in microseconds.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// A clock for business time. Thread-safe; never goes back within a process.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  /// Business seconds per real second now; 0 while paused.
  virtual double Rate() const = 0;
};

/// The wall clock, rate 1.
std::unique_ptr<Clock> MakeSystemClock();

/// The shared, paced clock in `path` (made by `carillon-clock` or PacedClock::Create). Throws
/// std::runtime_error when the file is missing or of another format.
std::unique_ptr<Clock> MakeMappedClock(const std::string& path);

/// The writer's side of the mapped clock: one pacemaker at a time. Readers never block and never see time go
/// back.
class PacedClock {
 public:
  /// Makes the file (atomically) when it is missing, starting at `start` with rate 1, then opens it.
  PacedClock(const std::string& path, TimePoint start);
  ~PacedClock();
  PacedClock(const PacedClock&) = delete;
  PacedClock& operator=(const PacedClock&) = delete;
  TimePoint Now() const;
  double Rate() const;
  /// From this moment on `rate` business seconds pass a real second; 0 pauses. Continuous: now does not jump.
  /// The clock stands still at `until`, so that work due then is never late because its pacemaker woke late.
  void SetRate(double rate, TimePoint until = TimePoint::max());
  /// Jumps forward to `to`; a `to` that is past already changes nothing.
  void Advance(TimePoint to);

 private:
  struct Mapping;
  std::unique_ptr<Mapping> mapping_;
};

/// Real time, for what must not run fast: token expiry, log time.
TimePoint RealNow();

/// `2026-11-22T08:05:03.123456Z`
std::string FormatRfc3339(TimePoint at);

}  // namespace carillon
