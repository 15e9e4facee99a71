#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> GetWorkOrder(Call& call, Deps& deps, const pb::GetWorkOrderRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::Load(tx, in.name()); });
}

}  // namespace carillon::workorder::api
