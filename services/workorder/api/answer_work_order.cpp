#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> AnswerWorkOrder(Call& call, Deps& deps, const pb::AnswerWorkOrderRequest& in) {
  return Change(call, deps, in, domain::Answered);
}

}  // namespace carillon::workorder::api
