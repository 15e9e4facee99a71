#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> DispatchWorkOrder(Call& call, Deps& deps, const pb::DispatchWorkOrderRequest& in) {
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) { return store::RequireDesk(tx, in.desk()); }));
  return Change(call, deps, in, domain::Dispatched);
}

}  // namespace carillon::workorder::api
