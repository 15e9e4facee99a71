#include "base/ids.hpp"
#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ReportCallArrived(Call& call, Deps& deps, const pb::ReportCallArrivedRequest& in) {
  return deps.db.Write(WithoutReplay(call), [&](pg::Tx& tx) -> Result<pb::Call> {
    const auto id = NewId(tx.now());
    if (const auto known = store::ReserveSwitchCall(tx, in.switch_id(), in.switch_call_id(), id, tx.now()))
      return store::Load(tx, domain::CallName(*known));
    auto change = domain::Arrived(in, id, deps.wait, tx.now());
    store::Keep(tx, deps.link, change);
    return change.call;
  });
}

}  // namespace carillon::telephony::api
