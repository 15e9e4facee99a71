#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> SuspendWorkOrder(Call& call, Deps& deps, const pb::SuspendWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Suspended);
}

}  // namespace carillon::workorder::api
