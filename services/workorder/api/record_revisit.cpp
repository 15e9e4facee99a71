#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> RecordRevisit(Call& call, Deps& deps, const pb::RecordRevisitRequest& in) {
  return Change(call, deps, in, domain::Revisited);
}

}  // namespace carillon::workorder::api
