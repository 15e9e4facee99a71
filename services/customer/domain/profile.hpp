#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "carillon/customer/v1/profile.pb.h"

/// Code lists, relationships and managers. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// The service's own codes of a list; empty for a list of the operator's.
std::vector<pb::Code> OwnCodes(std::string_view list);
/// `own` with the tenant's in their place, by code.
std::vector<pb::Code> CodesOf(std::vector<pb::Code> own, const std::vector<pb::Code>& tenants);
/// The code, unless it is retired or there is none.
const pb::Code* FindCode(const std::vector<pb::Code>& codes, std::string_view code);

/// A relationship to be kept: its start set. RELATIONSHIP_INVALID, CODE_UNKNOWN, CUSTOMER_CLOSED,
/// CUSTOMER_MERGED, CUSTOMER_ERASED.
Result<pb::Relationship> Related(pb::Relationship draft, const pb::Customer& from, const pb::Customer& to,
                                 const std::vector<pb::Code>& codes, TimePoint now);
/// As the other side sees it.
pb::Relationship Inverse(const pb::Relationship& relationship, const std::string& from,
                         const std::vector<pb::Code>& codes);
bool HoldsAt(const pb::Relationship& relationship, TimePoint at);

/// A contact to be kept: its end set. INTERACTION_INVALID, CODE_UNKNOWN for a place that is none of these.
Result<pb::PartyInteraction> Appended(pb::PartyInteraction draft, const std::vector<pb::Code>& places,
                                      TimePoint now);

}  // namespace carillon::customer::domain
