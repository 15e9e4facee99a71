#pragma once
#include "base/call.hpp"
#include "carillon/workorder/v1/workorder_events.pb.h"
#include "customer/deps.hpp"

namespace carillon::customer::events {

/// A complaint that is not over is the alert OPEN_COMPLAINT of its customer, with the order's number as its
/// subject: the pop shows it, and campaigns leave the customer alone. What is over clears its own alert. Of a
/// merged customer it is the survivor's; of an unknown or erased one, and of another client's than the
/// order's, nobody's.
Result<void> OnWorkOrder(Call& call, Deps& deps, const carillon::workorder::v1::WorkOrder& order,
                         const pg::EventId& id);

template <class Event>
Result<void> OnWorkOrderChanged(Call& call, Deps& deps, const Event& event, const pg::EventId& id) {
  return OnWorkOrder(call, deps, event.work_order(), id);
}

}  // namespace carillon::customer::events
