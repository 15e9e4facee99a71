#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"

namespace carillon::customer::api {

Result<pb::Customer> ClearAlert(Call& call, Deps& deps, const pb::ClearAlertRequest& in) {
  const auto at = in.name().find("/alerts/");
  TRY(const std::string id, IdOfName(in.name().substr(0, at), "customers"));
  TRY(const std::string alert_id, IdOfName(in.name().substr(at + 1), "alerts"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const pb::Customer before, store::LoadForUpdate(tx, deps.vault, id));
    for (const auto& alert : before.alerts()) {
      if (alert.name() == in.name() && domain::NeedsSupervisor(alert) && !call.principal.service &&
          !call.principal.May("routing.supervise")) {
        return errors::SupervisorRequired(alert.code());
      }
    }
    if (!store::ClearAlert(tx, id, alert_id, ActorOf(call), in.reason())) {
      if (!store::AlertKnown(tx, id, alert_id)) return errors::AlertUnknown(in.name());
      return before;
    }
    const pb::Customer after = domain::Cleared(before, in.name(), call.now);
    store::SaveState(tx, deps.vault, after);
    pb::AlertCleared event;
    *event.mutable_customer() = domain::StateOf(after);
    event.mutable_alert()->set_name(in.name());
    for (const auto& alert : before.alerts()) {
      if (alert.name() == in.name()) *event.mutable_alert() = alert;
    }
    event.set_reason(in.reason());
    pg::Announce(tx, kCustomersTopic, id, event, call.now);
    TRY_VOID(deps.callers.Changing(tx, domain::CallableNumbers(after)));
    return after;
  });
}

}  // namespace carillon::customer::api
