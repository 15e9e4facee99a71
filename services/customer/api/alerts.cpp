#include "customer/api/alerts.hpp"

namespace carillon::customer::api {
namespace {

Result<void> SaveAlerts(pg::Tx& tx, Deps& deps, const pb::Customer& after,
                        const google::protobuf::Message& event) {
  store::SaveState(tx, deps.vault, after);
  pg::Announce(tx, kCustomersTopic, IdOf(after.name()), event, tx.now());
  return deps.callers.Changing(tx, domain::CallableNumbers(after));
}

}  // namespace

Result<pb::Customer> RaisedAlert(pg::Tx& tx, Deps& deps, const pb::Customer& before, const pb::Alert& alert,
                                 const std::string& alert_id) {
  TRY(const auto after, domain::Alerted(before, alert, alert_id, ActorOf(tx.call()), tx.now()));
  const auto& raised = *domain::FindAlert(after, alert.code(), alert.subject());
  store::SaveAlert(tx, after, raised);
  pb::AlertRaised event;
  *event.mutable_customer() = domain::StateOf(after);
  *event.mutable_alert() = raised;
  TRY_VOID(SaveAlerts(tx, deps, after, event));
  return after;
}

Result<pb::Customer> ClearedAlert(pg::Tx& tx, Deps& deps, const pb::Customer& before,
                                  const std::string& alert_name, const std::string& reason) {
  const std::string id = IdOf(before.name()), alert_id = store::LastPart(alert_name);
  if (!store::ClearAlert(tx, id, alert_id, ActorOf(tx.call()), reason)) {
    if (!store::AlertKnown(tx, id, alert_id)) return errors::AlertUnknown(alert_name);
    return before;
  }
  const auto after = domain::Cleared(before, alert_name, tx.now());
  pb::AlertCleared event;
  *event.mutable_customer() = domain::StateOf(after);
  event.mutable_alert()->set_name(alert_name);
  for (const auto& alert : before.alerts()) {
    if (alert.name() == alert_name) *event.mutable_alert() = alert;
  }
  event.set_reason(reason);
  TRY_VOID(SaveAlerts(tx, deps, after, event));
  return after;
}

}  // namespace carillon::customer::api
