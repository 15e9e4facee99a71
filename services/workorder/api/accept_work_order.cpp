#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> AcceptWorkOrder(Call& call, Deps& deps, const pb::AcceptWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Accepted);
}

}  // namespace carillon::workorder::api
