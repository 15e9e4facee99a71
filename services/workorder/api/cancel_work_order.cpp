#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> CancelWorkOrder(Call& call, Deps& deps, const pb::CancelWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Cancelled);
}

}  // namespace carillon::workorder::api
