#include "base/ids.hpp"
#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {

Result<pb::WorkOrder> ConvertWorkOrder(Call& call, Deps& deps, const pb::ConvertWorkOrderRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::WorkOrder> {
    TRY(const pb::WorkOrder before, store::Lock(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    const auto policies = store::Policies(tx);
    const auto desk = DeskOf(call, deps.hours, policies);
    pb::WorkOrder wish = domain::FormalWish(before, desk.now);
    wish.set_name("workOrders/" + NewId(call.now));
    TRY(const auto converted, domain::Converted(desk, before, in, wish.name()));
    wish.set_number(store::NextNumber(tx, deps.hours.DayOf(call.now)));
    TRY(const auto formal, domain::Created(desk, wish, {}, store::CustomFields(tx)));
    TRY_VOID(store::Save(tx, converted));
    TRY_VOID(store::Save(tx, formal));
    return formal.order;
  });
}

}  // namespace carillon::workorder::api
