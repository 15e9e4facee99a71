#include "customer/domain/matching.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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

Level LevelOf(pb::Agreement agreement) {
  return agreement == pb::DIFFERENT ? Level::kDifferent : static_cast<Level>(agreement);
}

/// Fewer records, or fewer pairs of one customer among them, teach nothing.
constexpr double kLeastRecords = 200, kLeastPairs = 20;

std::vector<LinkField> Fields() {
  std::vector<LinkField> out;
  for (const auto attribute : kCompared) {
    const bool shared = attribute == Condition::PHONE || attribute == Condition::ADDRESS;
    out.push_back({Condition::Attribute_Name(attribute), KindOf(attribute), shared});
  }
  return out;
}

LinkModel ModelOf(const pb::MatchWeights& weights) {
  LinkModel model;
  model.fields = Fields();
  model.prior = weights.prior();
  model.households = weights.households();
  for (const auto& attribute : weights.attributes()) {
    LinkModel::Chances m{}, u{}, h{};
    for (const auto& chance : attribute.chances()) {
      const auto level = static_cast<std::size_t>(LevelOf(chance.agreement()));
      m.at(level) = chance.of_one();
      u.at(level) = chance.of_two();
      h.at(level) = chance.of_household();
    }
    model.m.push_back(m);
    model.u.push_back(u);
    model.h.push_back(h);
  }
  return model;
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
  policy.set_review_probability(0.9);
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
  if (policy.merge_probability() > 0 && policy.review_probability() > policy.merge_probability())
    bad.push_back({"policy.review_probability", "is above merge_probability"});
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
  const bool by_rule = candidate.level() > 0 && candidate.level() <= policy.merge_up_to();
  const bool by_weight =
      policy.merge_probability() > 0 && candidate.probability() >= policy.merge_probability();
  return (by_rule || by_weight) && !candidate.conflict();
}

bool NeedsClerk(const pb::MatchPolicy& policy, const pb::MatchCandidate& candidate) {
  const bool by_rule = candidate.level() > 0 && candidate.level() <= policy.review_up_to();
  const bool by_weight =
      policy.review_probability() > 0 && candidate.probability() >= policy.review_probability();
  return (by_rule || by_weight) && !MergesAlone(policy, candidate);
}

Pattern PatternOf(const pb::MatchCandidate& candidate) {
  Pattern pattern = 0;
  for (const auto& one : candidate.evidence()) {
    const auto* const at = std::find(kCompared.begin(), kCompared.end(), one.attribute());
    pattern |= static_cast<Pattern>(LevelOf(one.agreement())) << (3 * (at - kCompared.begin()));
  }
  return pattern;
}

pb::MatchWeights LearntWeights(const PairTally& tally) {
  double records = 0, all = 0, alike = 0, strangers = 0;
  for (const auto& [client, count] : tally.records) {
    const auto n = static_cast<double>(count);
    records += n;
    all += n * (n - 1) / 2;
  }
  for (const auto& [pattern, count] : tally.alike) alike += count;
  for (const auto& [pattern, count] : tally.strangers) strangers += count;
  pb::MatchWeights out;
  if (records < kLeastRecords || strangers == 0) return out;
  // The sample stands for all pairs that share nothing rare.
  std::map<Pattern, double> seen = tally.alike;
  for (const auto& [pattern, count] : tally.strangers) {
    seen[pattern] += count * std::max(0.0, all - alike) / strangers;
  }
  const auto model = LearntFrom(Fields(), seen, records);
  if (model.prior * all < kLeastPairs) return out;
  out.set_records(static_cast<std::int64_t>(records));
  out.set_pairs(static_cast<std::int64_t>(alike + strangers));
  out.set_prior(model.prior);
  out.set_households(model.households);
  for (std::size_t f = 0; f < kCompared.size(); ++f) {
    auto& attribute = *out.add_attributes();
    attribute.set_attribute(kCompared.at(f));
    for (const auto agreement : {pb::EXACT, pb::SAME, pb::NEAR, pb::SIMILAR, pb::DIFFERENT}) {
      const auto level = static_cast<std::size_t>(LevelOf(agreement));
      auto& chance = *attribute.add_chances();
      chance.set_agreement(agreement);
      chance.set_of_one(model.m[f].at(level));
      chance.set_of_two(model.u[f].at(level));
      chance.set_of_household(model.h[f].at(level));
      chance.set_weight(std::log2(chance.of_one() / chance.of_two()));
    }
  }
  return out;
}

void Weigh(const pb::MatchWeights& weights, double name_share, pb::MatchCandidate& candidate) {
  if (weights.records() == 0) return;
  std::array<double, kCompared.size()> shares{};
  shares[0] = name_share;
  const auto judged = Judge(ModelOf(weights), PatternOf(candidate), shares);
  candidate.set_weight(judged.weight);
  candidate.set_probability(judged.probability);
  for (auto& one : *candidate.mutable_evidence()) {
    const auto* const at = std::find(kCompared.begin(), kCompared.end(), one.attribute());
    one.set_weight(judged.evidence[static_cast<std::size_t>(at - kCompared.begin())].weight);
  }
}

}  // namespace carillon::customer::domain
