#include "carillon/workorder/v1/workorder_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace workorder = carillon::workorder::v1;

template <class Event>
void ApplyOrder(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  const workorder::WorkOrder& order = event.work_order();
  pb::OrderFact fact;
  fact.set_work_order(order.name());
  fact.set_client(order.client());
  fact.set_type(workorder::WorkOrder::Type_Name(order.type()));
  fact.set_state(workorder::WorkOrder::State_Name(order.state()));
  fact.set_priority(workorder::WorkOrder::Priority_Name(order.priority()));
  fact.set_interaction(order.interaction());
  fact.set_desk(order.assignment().desk());
  *fact.mutable_create_time() = order.create_time();
  if (order.has_complete_time()) *fact.mutable_complete_time() = order.complete_time();
  if (order.has_close_time()) *fact.mutable_close_time() = order.close_time();
  for (const auto& revisit : order.revisits()) {
    if (revisit.reached()) fact.set_revisited(true);
  }
  fact.set_overdue(order.overdue());
  fact.set_reopened_count(order.reopened_count());
  fact.set_first_contact_resolution(order.first_contact_resolution());
  store::Put(tx, fact, id.occurred_at);
}

}  // namespace

void OnOrders(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.workorder.orders.v1";
  Consume<workorder::WorkOrderCreated>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderUpdated>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderDispatched>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderAccepted>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderReturned>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderSuspended>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderResumed>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderCompleted>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderReplied>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderRevisited>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderReopened>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderClosed>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderCancelled>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderEscalated>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderOverdue>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderConverted>(host, kTopic, deps, ApplyOrder);
  Consume<workorder::WorkOrderRejected>(host, kTopic, deps, ApplyOrder);
}

}  // namespace carillon::insight::events
