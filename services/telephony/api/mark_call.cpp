#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::CallEvent> MarkCall(Call& call, Deps& deps, const pb::MarkCallRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::CallEvent> {
    TRY(const pb::Call before, store::LoadForUpdate(tx, in.name()));
    TRY(domain::Change change, domain::Marked(before, in, "agents/" + call.principal.user, call.now));
    store::Keep(tx, deps.link, change);
    return change.events.back();
  });
}

}  // namespace carillon::telephony::api
