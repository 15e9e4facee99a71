#include "access/domain/key_rotation.hpp"

#include <algorithm>

namespace carillon::access::domain {
namespace {

std::vector<KeyTimes> ByActivation(std::vector<KeyTimes> keys) {
  std::sort(keys.begin(), keys.end(), [](const KeyTimes& a, const KeyTimes& b) {
    return a.active_from != b.active_from ? a.active_from < b.active_from : a.kid < b.kid;
  });
  return keys;
}

}  // namespace

std::string ActiveKey(const std::vector<KeyTimes>& keys, TimePoint now) {
  std::string active;
  for (const auto& key : ByActivation(keys))
    if (key.active_from <= now) active = key.kid;
  return active;
}

RotationPlan PlanRotation(const std::vector<KeyTimes>& keys, TimePoint now, const RotationPolicy& policy) {
  RotationPlan plan;
  const auto ordered = ByActivation(keys);
  if (ActiveKey(ordered, now).empty()) {
    plan.make = true;
    plan.active_from = now;  // nothing can sign: be quick rather than early
  } else if (const auto& last = ordered.back();
             last.active_from <= now && now >= last.active_from + policy.signs - policy.published) {
    plan.make = true;
    plan.active_from = now + policy.published;
  }
  for (std::size_t i = 0; i + 1 < ordered.size(); ++i)
    if (ordered[i + 1].active_from + policy.token_life < now) plan.removed.push_back(ordered[i].kid);
  return plan;
}

}  // namespace carillon::access::domain
