#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "carillon/customer/v1/record.pb.h"
#include "customer/domain/likeness.hpp"

/// Whether two customers are one, by rules a steward sets. Pure.
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

}  // namespace carillon::customer::domain
