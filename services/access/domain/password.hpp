#pragma once
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

/// What a password must be, and what happens after wrong ones. Pure; every time here is real time.
namespace carillon::access::domain {

constexpr int kMinPasswordLength = 12;   // characters
constexpr int kMaxPasswordLength = 128;  // characters
constexpr int kMinDifferent = 5;         // different characters

/// INVALID_ARGUMENT PASSWORD_POLICY with every rule that is not met, as violations of `field`. Length counts
/// more than kinds of characters; what the person is called by is no secret.
Result<void> CheckPassword(std::string_view password, std::string_view login, std::string_view agent_number,
                           std::string_view field);

/// How many wrong passwords lock an account, and for how long.
struct LockPolicy {
  int tries;
  Duration length;
};

/// Wrong passwords so far.
struct Tries {
  int failures = 0;                       ///< in a row
  std::optional<TimePoint> locked_until;  ///< absent or past = not locked
  bool operator==(const Tries&) const = default;
};

bool IsLocked(const Tries& tries, TimePoint now);

/// After one more wrong password. A lock that ran out starts the count anew.
Tries AfterWrongPassword(Tries tries, TimePoint now, const LockPolicy& policy);

}  // namespace carillon::access::domain
