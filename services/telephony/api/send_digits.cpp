#include "telephony/api/handlers.hpp"
#include "telephony/domain/errors.hpp"

namespace carillon::telephony::api {

Result<pb::SendDigitsResponse> SendDigits(Call& call, Deps& deps, const pb::SendDigitsRequest& in) {
  const auto agent = "agents/" + call.principal.user;
  pb::Call after;
  TRY(const auto response, deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SendDigitsResponse> {
    TRY(const pb::Call before, store::LoadForUpdate(tx, in.name()));
    TRY(domain::Change change, domain::Keyed(before, agent, call.now));
    if (!deps.link.Reaches({call.principal.tenant, before.switch_id()})) return errors::SwitchUnreachable();
    store::Keep(tx, deps.link, change);
    after = change.call;
    return pb::SendDigitsResponse();
  }));
  // A repeat was answered from what is kept of the first, and sends nothing.
  if (!after.name().empty())
    deps.link.Press({call.principal.tenant, after.switch_id()}, domain::KeysFor(after, agent, in.digits()));
  return response;
}

}  // namespace carillon::telephony::api
