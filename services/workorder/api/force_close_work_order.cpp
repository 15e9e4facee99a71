#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> ForceCloseWorkOrder(Call& call, Deps& deps, const pb::ForceCloseWorkOrderRequest& in) {
  return Change(call, deps, in, domain::ForceClosed);
}

}  // namespace carillon::workorder::api
