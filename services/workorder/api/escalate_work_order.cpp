#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> EscalateWorkOrder(Call& call, Deps& deps, const pb::EscalateWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Escalated);
}

}  // namespace carillon::workorder::api
