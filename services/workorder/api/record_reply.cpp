#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> RecordReply(Call& call, Deps& deps, const pb::RecordReplyRequest& in) {
  return Change(call, deps, in, domain::Replied);
}

}  // namespace carillon::workorder::api
