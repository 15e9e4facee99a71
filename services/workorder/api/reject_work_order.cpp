#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> RejectWorkOrder(Call& call, Deps& deps, const pb::RejectWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Rejected);
}

}  // namespace carillon::workorder::api
