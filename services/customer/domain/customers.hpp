#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "carillon/customer/v1/customer_events.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"

/// What may become of a customer. Pure: the state before and the wish in, the state after or the reason out.
/// Numbers of contacts must be in E.164 already (api/normalize); what is not is reported.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// Whose customer a new one is: `wanted`, else the only client the principal serves, else the tenant's own.
/// CLIENT_REQUIRED, CLIENT_FORBIDDEN.
Result<std::string> ClientFor(const Principal& who, std::string_view wanted);

/// A new customer from a draft: output-only fields set, lists tidied, gender and birth from the resident
/// number, owner from the principal. CUSTOMER_INVALID with every bad field.
Result<pb::Customer> Created(pb::Customer draft, const std::string& id, const std::string& client,
                             const Principal& who, TimePoint now);

/// `before` with the wanted values, which are `before` with the fields of a mask replaced. What only the
/// service sets stays. CUSTOMER_INVALID, CUSTOMER_CLOSED, CUSTOMER_MERGED, CUSTOMER_ERASED, CUSTOMER_BLOCKED.
Result<pb::Customer> Updated(const pb::Customer& before, pb::Customer wanted, TimePoint now);

/// `before` with the values its sources make together: as Updated, but a BLOCK alert forbids nothing.
Result<pb::Customer> Recomposed(const pb::Customer& before, pb::Customer composed, TimePoint now);

/// CLOSED. CUSTOMER_HAS_ACCOUNTS, CUSTOMER_CLOSED, CUSTOMER_MERGED, CUSTOMER_ERASED.
Result<pb::Customer> Closed(const pb::Customer& before, TimePoint now);

/// SUSPENDED, from any open state; a suspended one unchanged. CUSTOMER_CLOSED, CUSTOMER_MERGED,
/// CUSTOMER_ERASED.
Result<pb::Customer> Suspended(const pb::Customer& before, TimePoint now);

/// ACTIVE with an open account, PROSPECT without; one that is not suspended unchanged. Errors as Suspended.
Result<pb::Customer> Resumed(const pb::Customer& before, TimePoint now);

/// With the alert raised, or the standing one of the same code and subject replaced. `alert_id` is used for a
/// new one.
Result<pb::Customer> Alerted(const pb::Customer& before, pb::Alert alert, const std::string& alert_id,
                             const std::string& by, TimePoint now);

/// The alert of this code and subject that stands, or nothing.
const pb::Alert* FindAlert(const pb::Customer& customer, std::string_view code, std::string_view subject);

/// Says of a person how to deal with them: who did not get on with them must not take it back.
bool NeedsSupervisor(const pb::Alert& alert);
/// Without the alert of this name.
pb::Customer Cleared(const pb::Customer& before, std::string_view alert_name, TimePoint now);

/// In touch again: DORMANT becomes ACTIVE; every other state stays.
pb::Customer Touched(const pb::Customer& before, TimePoint now);

/// Not to be called for offers and surveys: the consents to both on VOICE are withdrawn as of `said`, with
/// the proof. One that is withdrawn already keeps its proof, one given after `said` stays; an ERASED customer
/// stays as it is.
pb::Customer NotToBeCalled(const pb::Customer& before, const std::string& evidence, TimePoint said,
                           TimePoint now);

/// Silent too long: ACTIVE becomes DORMANT; every other state stays.
pb::Customer Silent(const pb::Customer& before, TimePoint now);

/// Drops alerts that have ended by themselves.
void DropExpired(pb::Customer& customer, TimePoint now);

/// An account that is neither closed nor expired.
bool HoldsAccount(const pb::Customer& customer);

/// Refuses what can not be changed any more: CUSTOMER_CLOSED, CUSTOMER_MERGED, CUSTOMER_ERASED.
Result<void> RequireOpen(const pb::Customer& customer);

/// FILTER_INVALID for a filter that nobody can ever pass, or no grade of ours.
Result<void> RequireFilter(const pb::ListCustomersRequest& filter);
/// The grades a filter admits; none = all.
std::vector<pb::Customer::Grade> GradesOf(const pb::ListCustomersRequest& filter);

/// Names of the top-level fields that differ, sorted, without etag and update_time.
std::vector<std::string> ChangedFields(const pb::Customer& before, const pb::Customer& after);

/// The numbers by which calls find the customer, in E.164.
std::vector<std::string> CallableNumbers(const pb::Customer& customer);

/// For events: nothing that identifies a person.
pb::CustomerState StateOf(const pb::Customer& customer);

/// 李**: the first character.
std::string MaskedName(std::string_view name);

/// GOLD or DIAMOND.
bool IsVip(pb::Customer::Grade grade);

/// Aged 65 or more on the day of `now` in China, or flagged ELDERLY. With a year of birth alone the whole
/// year counts.
bool IsElderly(const pb::Customer& customer, TimePoint now);

/// When IsElderly turns true by age; nothing without a birth date or when it is past.
std::optional<TimePoint> TurnsElderlyAt(const pb::Customer& customer, TimePoint now);

}  // namespace carillon::customer::domain
