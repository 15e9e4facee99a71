#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> ResumeWorkOrder(Call& call, Deps& deps, const pb::ResumeWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Resumed);
}

}  // namespace carillon::workorder::api
