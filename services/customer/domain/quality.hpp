#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "carillon/customer/v1/quality.pb.h"
#include "carillon/customer/v1/record.pb.h"

/// How good a record is, by rules that are data. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// The service's own rules, at least one of each dimension.
std::vector<pb::QualityRule> OwnRules();
/// The own ones with the tenant's in their place, by code, without retired ones unless `all`.
std::vector<pb::QualityRule> RulesOf(const std::vector<pb::QualityRule>& tenants, bool all);
/// RULE_INVALID.
Result<void> RequireRule(const pb::QualityRule& rule);

/// What is judged: a customer, or what one source says of one.
struct JudgedRecord {
  const pb::Customer& values;
  TimePoint said_at;                          ///< when it was last changed or said
  const std::set<std::string>& shared;        ///< numbers in E.164 that another open customer has too
  const std::vector<pb::RawRecord>& records;  ///< what sources say of the customer
};
enum class Verdict { kNotAsked, kPassed, kFailed };
Verdict Judge(const pb::QualityRule& rule, const JudgedRecord& what, TimePoint now);

/// What rules found of each source ("" = the customers in all), and what comes of it.
struct Count {
  std::int64_t asked = 0, passed = 0;
};
using Tally = std::map<std::pair<std::string, std::string>, Count>;  ///< source, code of the rule
/// The scores of rules and dimensions, dimensions first.
std::vector<pb::QualityScore> ScoresOf(const Tally& tally, const std::vector<pb::QualityRule>& rules,
                                       const pb::QualityRun& run);

}  // namespace carillon::customer::domain
