#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> UpdateWorkOrder(Call& call, Deps& deps, const pb::UpdateWorkOrderRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::WorkOrder> {
    TRY(const pb::WorkOrder before, store::Lock(tx, in.work_order().name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.work_order().etag()));
    const auto policies = store::Policies(tx);
    TRY(const auto decision, domain::Updated(DeskOf(call, deps.hours, policies), before, in.work_order(),
                                             in.update_mask(), store::CustomFields(tx)));
    TRY_VOID(store::Save(tx, decision));
    return decision.order;
  });
}

}  // namespace carillon::workorder::api
