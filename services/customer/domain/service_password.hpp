#pragma once
#include <optional>
#include <string_view>

#include "base/clock.hpp"

/// The rule of the service password: three failures in a row lock it for 24 hours of real time.
namespace carillon::customer::domain {

inline constexpr int kMostTries = 3;
inline constexpr Duration kLockTime = std::chrono::hours{24};

/// What is kept beside the hash. Times are real time: a lock does not end early because business time runs
/// fast.
struct Tries {
  int failed = 0;
  std::optional<TimePoint> locked_until;
  bool operator==(const Tries&) const = default;
};

/// The lock that stands at `now`, if one does.
std::optional<TimePoint> LockedUntil(const Tries& tries, TimePoint real_now);

/// After a try that was right or wrong; a lock that ran out starts afresh.
Tries AfterTry(const Tries& before, bool right, TimePoint real_now);

int RemainingTries(const Tries& tries);

/// One digit repeated ("8888") or a run up or down ("123456", "4321").
bool IsTooSimple(std::string_view digits);

}  // namespace carillon::customer::domain
