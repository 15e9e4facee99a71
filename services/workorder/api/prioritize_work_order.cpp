#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> PrioritizeWorkOrder(Call& call, Deps& deps, const pb::PrioritizeWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Prioritized);
}

}  // namespace carillon::workorder::api
