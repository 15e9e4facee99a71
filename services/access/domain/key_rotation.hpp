#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"

/// When signing keys come, sign, and go. Pure; all times are real.
///
///   created ── published ──> active_from ── signs ──> successor's active_from ── still verifies ──> removed
namespace carillon::access::domain {

struct KeyTimes {
  std::string kid;
  TimePoint created;
  TimePoint active_from;
};

struct RotationPolicy {
  Duration signs;       ///< how long a key signs
  Duration published;   ///< how long before that it is published, so that every verifier has it
  Duration token_life;  ///< how long the longest token it signed lives
};

struct RotationPlan {
  bool make = false;                 ///< make a key now …
  TimePoint active_from;             ///< … that signs from here on
  std::vector<std::string> removed;  ///< keys no valid token names any more
};

/// The key that signs at `now`: the latest whose time has come; "" when there is none.
std::string ActiveKey(const std::vector<KeyTimes>& keys, TimePoint now);

/// What to do at `now`. Making the same plan twice does nothing twice once the first is carried out.
RotationPlan PlanRotation(const std::vector<KeyTimes>& keys, TimePoint now, const RotationPolicy& policy);

}  // namespace carillon::access::domain
