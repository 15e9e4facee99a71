#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pg/tx.hpp"
#include "telephony/domain/call.hpp"
#include "telephony/domain/switch_line.hpp"

/// Calls, legs and events as rows.
namespace carillon::telephony::store {

namespace pb = carillon::telephony::v1;

/// The events of call_events.proto; key = the call's uuid.
inline constexpr const char* kCallsTopic = "carillon.telephony.calls.v1";
/// The kind of the durable tasks (pb::CallTask); key = the call's uuid, or its assistance's.
inline constexpr const char* kCallTask = "call";

/// Notes that the call `switch_call_id` of a switch is `call_id`; when it was noted before, the id it has. An
/// outbound call is noted under an id made of its token, at no switch.
std::optional<std::string> ReserveSwitchCall(pg::Tx& tx, const std::string& switch_id,
                                             const std::string& switch_call_id, const std::string& call_id,
                                             TimePoint arrived);

/// NOT_FOUND CALL_UNKNOWN.
Result<pb::Call> Load(pg::Tx& tx, const std::string& name);
/// The same, and nobody else changes the call until the transaction ends.
Result<pb::Call> LoadForUpdate(pg::Tx& tx, const std::string& name);

/// Puts a change and all that follows from it into the transaction: the call (new, or loaded for update in
/// this transaction), its legs, its new events, what is announced and what is owed to peers; after the commit
/// the switch is told through `line`. Sets the call's etag. A change that changed nothing leaves no trace.
void Keep(pg::Tx& tx, domain::SwitchLine& line, domain::Change& change);

struct Filter {
  pb::Call::State state = pb::Call::STATE_UNSPECIFIED;
  bool live = false;
  std::string called_number;
  std::optional<TimePoint> from, to;
};
/// Newest first, below the call id `after` (empty = from the newest).
std::vector<pb::Call> List(pg::Tx& tx, const Filter& filter, const std::string& after, int limit);
/// In order, those numbered above `after`.
std::vector<pb::CallEvent> Events(pg::Tx& tx, const std::string& call, std::int64_t after, int limit);

/// The directives of the switch's live calls, as far as they have one.
std::vector<pb::Directive> LiveDirectives(pg::Tx& tx, const std::string& switch_id);

/// A call of some tenant; for sweeps of the worker role.
struct TenantCall {
  std::string tenant, name;
};
/// Live calls that arrived before `arrived`, whose release was asked for before `releasing`, or whose
/// domain::DialDue has come.
std::vector<TenantCall> OverdueCalls(pg::Tx& tx, TimePoint arrived, TimePoint releasing, TimePoint now);
/// Calls that are not over, of all tenants.
std::int64_t CountLive(pg::Tx& tx);
/// Deletes what arrived before `before`, at most `most` rows of each kind; how many went.
std::int64_t Forget(pg::Tx& tx, TimePoint before, int most);

}  // namespace carillon::telephony::store
