#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/customer/v1/privacy.pb.h"

/// The filter language of SelectionService (AIP-160), typed. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// What is asked about a customer.
enum class Trait {
  kState,
  kGrade,
  kStage,
  kPartyType,
  kChannel,
  kBrand,
  kRegion,
  kBranch,
  kLanguage,
  kOwnerUnit,
  kOwnerUser,
  kSource,
  kDoNotContact,
  kBirthYear,
  kAge,
  kCreateTime,
  kUpdateTime,
  kContactTime,
  kNeeds,
  kAlerts,
  kAccounts,
  kAccountExpiry,
  kAccountPoints,
  kAccountProduct,
  kAccountDaysLeft,
  kBalance,
  kArrears,
  kLifetimeValue,
  kContacts,
  kSegment,
  kCustomText,
  kCustomNumber,
  kCustomFlag,
  kCustomDate,
};

/// One test, or tests joined. What a test compares with is of its kind: a number, a day, an RFC 3339 time, a
/// text.
struct Clause {
  enum class Kind { kAll, kAny, kNot, kTest };
  enum class Op { kEqual, kLess, kLessOrEqual, kMore, kMoreOrEqual, kBegins, kPresent };
  Kind kind = Kind::kTest;
  std::vector<Clause> parts;  ///< unless it is a test
  Trait trait = Trait::kState;
  std::string key;  ///< of a segment or custom field
  Op op = Op::kEqual;
  std::vector<std::string> values;  ///< any of them; more than one only with kEqual
};

/// The condition that a filter says. `fields` are the operator's own. FILTER_INVALID with the place of the
/// fault.
Result<Clause> ParseFilter(std::string_view filter, const std::vector<pb::CustomField>& fields);
/// It written out as a filter, with every bracket.
std::string Canonical(const Clause& condition);
/// One test in words; of joined ones how they are joined.
std::string InWords(const Clause& condition);

}  // namespace carillon::customer::domain
