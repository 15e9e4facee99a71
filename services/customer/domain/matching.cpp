#include "customer/domain/matching.hpp"

#include <algorithm>
#include <array>

#include "customer/domain/errors.hpp"

namespace carillon::customer::domain {
namespace {

using Condition = pb::MatchCondition;

constexpr std::array kCompared{Condition::NAME,  Condition::IDENTIFIER, Condition::ACCOUNT,
                               Condition::PHONE, Condition::BIRTH_DATE, Condition::ADDRESS,
                               Condition::EMAIL};

Kind KindOf(Condition::Attribute attribute) {
  switch (attribute) {
    case Condition::NAME:
      return Kind::kName;
    case Condition::IDENTIFIER:
      return Kind::kIdentity;
    case Condition::PHONE:
      return Kind::kPhone;
    case Condition::BIRTH_DATE:
      return Kind::kDate;
    case Condition::ADDRESS:
      return Kind::kText;
    default:
      return Kind::kCode;
  }
}

pb::Agreement AgreementOf(Level level) {
  switch (level) {
    case Level::kExact:
      return pb::EXACT;
    case Level::kSame:
      return pb::SAME;
    case Level::kNear:
      return pb::NEAR;
    case Level::kSimilar:
      return pb::SIMILAR;
    case Level::kMissing:
      return pb::AGREEMENT_UNSPECIFIED;
    default:
      return pb::DIFFERENT;
  }
}

void Rule(pb::MatchPolicy& policy,
          std::initializer_list<std::pair<Condition::Attribute, pb::Agreement>> conditions) {
  auto& rule = *policy.add_rules();
  for (const auto& [attribute, at_least] : conditions) {
    auto& condition = *rule.add_conditions();
    condition.set_attribute(attribute);
    condition.set_at_least(at_least);
  }
}

}  // namespace

pb::MatchPolicy OwnPolicy() {
  pb::MatchPolicy policy;
  Rule(policy, {{Condition::IDENTIFIER, pb::EXACT}, {Condition::NAME, pb::NEAR}});
  Rule(policy, {{Condition::ACCOUNT, pb::EXACT}, {Condition::NAME, pb::NEAR}});
  Rule(policy,
       {{Condition::NAME, pb::SAME}, {Condition::PHONE, pb::EXACT}, {Condition::BIRTH_DATE, pb::EXACT}});
  Rule(policy, {{Condition::IDENTIFIER, pb::EXACT}});
  Rule(policy, {{Condition::NAME, pb::SAME}, {Condition::PHONE, pb::EXACT}});
  Rule(policy,
       {{Condition::NAME, pb::NEAR}, {Condition::BIRTH_DATE, pb::EXACT}, {Condition::ADDRESS, pb::NEAR}});
  Rule(policy, {{Condition::NAME, pb::SAME}, {Condition::EMAIL, pb::EXACT}});
  Rule(policy, {{Condition::NAME, pb::EXACT}, {Condition::BIRTH_DATE, pb::EXACT}});
  policy.set_merge_up_to(3);
  policy.set_review_up_to(8);
  return policy;
}

Result<void> RequirePolicy(const pb::MatchPolicy& policy) {
  std::vector<Violation> bad;
  if (policy.merge_up_to() > policy.rules_size())
    bad.push_back({"policy.merge_up_to", "is beyond the last rule"});
  if (policy.review_up_to() > policy.rules_size())
    bad.push_back({"policy.review_up_to", "is beyond the last rule"});
  if (policy.review_up_to() < policy.merge_up_to())
    bad.push_back({"policy.review_up_to", "is before merge_up_to"});
  if (!bad.empty()) return errors::PolicyInvalid(std::move(bad));
  return Ok();
}

pb::MatchCandidate Matched(const pb::MatchPolicy& policy, const Facets& a, const Facets& b) {
  pb::MatchCandidate out;
  std::map<Condition::Attribute, Level> best;
  for (const auto attribute : kCompared) {
    const auto left = a.values.find(attribute), right = b.values.find(attribute);
    if (left == a.values.end() || right == b.values.end()) continue;
    Level level = Level::kDifferent;
    for (const auto& x : left->second) {
      for (const auto& y : right->second) level = std::min(level, Compared(KindOf(attribute), x, y));
    }
    best[attribute] = level;
    auto& evidence = *out.add_evidence();
    evidence.set_attribute(attribute);
    evidence.set_agreement(AgreementOf(level));
  }
  for (const auto& x : a.residents) {
    for (const auto& y : b.residents) out.set_conflict(out.conflict() || ResidentConflict(x, y));
  }
  for (int n = 0; n < policy.rules_size() && out.level() == 0; ++n) {
    const auto& conditions = policy.rules(n).conditions();
    const bool holds = std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
      const auto at = best.find(condition.attribute());
      return at != best.end() && AgreementOf(at->second) <= condition.at_least();
    });
    if (holds) out.set_level(n + 1);
  }
  return out;
}

bool MergesAlone(const pb::MatchPolicy& policy, const pb::MatchCandidate& candidate) {
  return candidate.level() > 0 && candidate.level() <= policy.merge_up_to() && !candidate.conflict();
}

bool NeedsClerk(const pb::MatchPolicy& policy, const pb::MatchCandidate& candidate) {
  return candidate.level() > 0 && candidate.level() <= policy.review_up_to() &&
         !MergesAlone(policy, candidate);
}

}  // namespace carillon::customer::domain
