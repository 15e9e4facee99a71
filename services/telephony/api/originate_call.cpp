#include "base/ids.hpp"
#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> OriginateCall(Call& call, Deps& deps, const pb::OriginateCallRequest& in) {
  return deps.db.Write(WithoutReplay(call), [&](pg::Tx& tx) -> Result<pb::Call> {
    const auto id = NewId(tx.now());
    const auto of_token = DerivedId("telephony.OriginateCall", in.dial_token());
    if (const auto known = store::ReserveSwitchCall(tx, "", of_token, id, tx.now()))
      return store::Load(tx, domain::CallName(*known));
    auto change = domain::Originated(in, id, tx.now());
    store::Keep(tx, deps.link, change);
    return change.call;
  });
}

}  // namespace carillon::telephony::api
