#include <algorithm>

#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"

namespace carillon::customer::api {

Result<pb::Customer> RaiseAlert(Call& call, Deps& deps, const pb::RaiseAlertRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  const std::string alert_id = NewId(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const pb::Customer before, store::LoadForUpdate(tx, deps.vault, id));
    TRY(const pb::Customer after, domain::Alerted(before, in.alert(), alert_id, ActorOf(call), call.now));
    const auto raised =
        std::find_if(after.alerts().begin(), after.alerts().end(), [&](const pb::Alert& alert) {
          return alert.code() == in.alert().code() && alert.subject() == in.alert().subject();
        });
    store::SaveAlert(tx, after, *raised);
    store::SaveState(tx, deps.vault, after);
    pb::AlertRaised event;
    *event.mutable_customer() = domain::StateOf(after);
    *event.mutable_alert() = *raised;
    pg::Announce(tx, kCustomersTopic, id, event, call.now);
    TRY_VOID(deps.callers.Changing(tx, domain::CallableNumbers(after)));
    return after;
  });
}

}  // namespace carillon::customer::api
