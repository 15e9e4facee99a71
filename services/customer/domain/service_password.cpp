#include "customer/domain/service_password.hpp"

#include <algorithm>

namespace carillon::customer::domain {

std::optional<TimePoint> LockedUntil(const Tries& tries, TimePoint real_now) {
  return tries.locked_until && *tries.locked_until > real_now ? tries.locked_until : std::nullopt;
}

Tries AfterTry(const Tries& before, bool right, TimePoint real_now) {
  if (right) return {};
  Tries after{before.locked_until ? 1 : before.failed + 1, std::nullopt};
  if (after.failed >= kMostTries) after.locked_until = real_now + kLockTime;
  return after;
}

int RemainingTries(const Tries& tries) { return std::max(0, kMostTries - tries.failed); }

bool IsTooSimple(std::string_view digits) {
  if (digits.size() < 2) return true;
  const int step = digits[1] - digits[0];
  if (step < -1 || step > 1) return false;
  for (std::size_t i = 1; i < digits.size(); ++i) {
    if (digits[i] - digits[i - 1] != step) return false;
  }
  return true;
}

}  // namespace carillon::customer::domain
