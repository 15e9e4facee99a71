#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> CompleteWorkOrder(Call& call, Deps& deps, const pb::CompleteWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Completed);
}

}  // namespace carillon::workorder::api
