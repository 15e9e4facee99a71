#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "carillon/customer/v1/record.pb.h"
#include "customer/domain/linkage.hpp"

/// Whether two customers are one, by rules a steward sets and by weights learnt of the tenant's own
/// customers. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// A customer's values by what rules compare, made ready (api::FacetsOf).
struct Facets {
  std::map<pb::MatchCondition::Attribute, std::vector<Form>> values;
  std::vector<std::string> residents;  ///< resident identity numbers
};

/// The service's own rules: a document with the name, an account with the name, name and phone and birth
/// merge alone; a document alone, name and phone, name and birth and address, name and mail, name and birth
/// are asked about.
pb::MatchPolicy OwnPolicy();
/// POLICY_INVALID with every bad field.
Result<void> RequirePolicy(const pb::MatchPolicy& policy);

/// How the best of their values agree, the strictest rule that holds (0 = none), and whether they contradict.
pb::MatchCandidate Matched(const pb::MatchPolicy& policy, const Facets& a, const Facets& b);
bool MergesAlone(const pb::MatchPolicy& policy, const pb::MatchCandidate& candidate);
bool NeedsClerk(const pb::MatchPolicy& policy, const pb::MatchCandidate& candidate);

/// What a sweep has counted of one kind of party.
struct PairTally {
  std::map<std::string, std::int64_t> records;  ///< by client: only records of one client are compared
  std::map<Pattern, double> alike;              ///< pairs that share something few have
  std::map<Pattern, double> strangers;          ///< a sample of all other pairs
};
/// How the two agree, as Matched told it.
Pattern PatternOf(const pb::MatchCandidate& candidate);
/// Empty (records = 0) where there are too few records or pairs to learn from.
pb::MatchWeights LearntWeights(const PairTally& tally);
/// Adds weights and probability to what Matched told; nothing when none were learnt. `name_share`: how many
/// of all records have the very name, 0 = not known.
void Weigh(const pb::MatchWeights& weights, double name_share, pb::MatchCandidate& candidate);

}  // namespace carillon::customer::domain
