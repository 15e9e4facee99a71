#include "access/events/on_audit_recorded.hpp"

#include "access/store/audit.hpp"
#include "carillon/type/v1/audit_events.pb.h"

namespace carillon::access::events {
namespace {

Result<void> Keep(Call& call, Deps& deps, const type::v1::AuditRecorded& event, const pg::EventId& id) {
  constexpr std::string_view kBefore = "carillon.";
  const auto service = id.topic.substr(kBefore.size(), id.topic.find('.', kBefore.size()) - kBefore.size());
  return deps.db.Apply(call, id, [&](pg::Tx& tx) -> Result<void> {
    store::TakeIn(tx, service, id.event_id, event.entry());
    return Ok();
  });
}

}  // namespace

void OnAuditRecorded(host::Host& host, Deps& deps) {
  for (const std::string service : kAudited)
    host.On<type::v1::AuditRecorded>("carillon." + service + ".audit.v1", deps, Keep);
}

}  // namespace carillon::access::events
