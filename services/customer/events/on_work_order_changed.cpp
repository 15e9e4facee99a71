#include "customer/events/on_work_order_changed.hpp"

#include "customer/api/alerts.hpp"

namespace carillon::customer::events {
namespace {

using carillon::workorder::v1::WorkOrder;

constexpr const char* kOpenComplaint = "OPEN_COMPLAINT";

bool GoesOn(WorkOrder::State state) {
  switch (state) {
    case WorkOrder::STATE_UNSPECIFIED:
    case WorkOrder::DRAFT:
    case WorkOrder::CLOSED:
    case WorkOrder::CANCELLED:
    case WorkOrder::CONVERTED:
    case WorkOrder::REJECTED:
      return false;
    default:
      return true;
  }
}

}  // namespace

Result<void> OnWorkOrder(Call& call, Deps& deps, const WorkOrder& order, const pg::EventId& event_id) {
  if (order.type() != WorkOrder::COMPLAINT || order.customer().empty()) return Ok();
  TRY(const std::string id, IdOfName(order.customer(), "customers", "work_order.customer"));
  const std::string alert_id = NewId(call.now);
  return deps.db.Apply(call, event_id, [&](pg::Tx& tx) -> Result<void> {
    TRY(const auto before, store::LoadLivingForUpdate(tx, deps.vault, id));
    if (!before || before->state() == v1::Customer::ERASED ||
        !(before->client().empty() || before->client() == order.client())) {
      return Ok();
    }
    const auto* standing = domain::FindAlert(*before, kOpenComplaint, order.number());
    if (GoesOn(order.state()) == (standing != nullptr)) return Ok();
    if (standing != nullptr) {
      TRY_VOID(api::ClearedAlert(tx, deps, *before, standing->name(), WorkOrder::State_Name(order.state())));
      return Ok();
    }
    v1::Alert alert;
    alert.set_code(kOpenComplaint);
    alert.set_severity(v1::Alert::WARN);
    alert.set_subject(order.number());
    TRY_VOID(api::RaisedAlert(tx, deps, *before, alert, alert_id));
    return Ok();
  });
}

}  // namespace carillon::customer::events
