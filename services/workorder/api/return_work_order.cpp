#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> ReturnWorkOrder(Call& call, Deps& deps, const pb::ReturnWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Returned);
}

}  // namespace carillon::workorder::api
