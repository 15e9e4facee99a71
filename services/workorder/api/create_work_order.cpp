#include "base/ids.hpp"
#include "workorder/api/change.hpp"
#include "workorder/api/methods.hpp"

namespace carillon::workorder::api {
namespace {

/// The same customer with the same type and product within this time means the same matter.
constexpr std::chrono::hours kSameMatter{24};

/// The served enterprise an order belongs to: the one named, or the only one the caller serves.
Result<std::string> ClientOf(const Call& call, const std::string& named) {
  if (!named.empty()) {
    TRY_VOID(IdOfName(named, "clients", "work_order.client"));
    return named;
  }
  if (call.principal.clients.size() == 1) return "clients/" + call.principal.clients.front();
  return FailedPrecondition("CLIENT_REQUIRED", "the caller serves several clients and names none");
}

}  // namespace

Result<pb::WorkOrder> CreateWorkOrder(Call& call, Deps& deps, const pb::CreateWorkOrderRequest& in) {
  pb::WorkOrder wish = in.work_order();
  TRY(*wish.mutable_client(), ClientOf(call, in.work_order().client()));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::WorkOrder> {
    wish.set_name("workOrders/" + NewId(call.now));
    const auto earlier = store::SameMatter(tx, wish, call.now - kSameMatter);
    const auto policies = store::Policies(tx);
    const auto fields = store::CustomFields(tx);
    wish.set_number(store::NextNumber(tx, deps.hours.DayOf(call.now)));
    TRY(const auto decision, domain::Created(DeskOf(call, deps.hours, policies), wish, earlier, fields));
    TRY_VOID(store::Save(tx, decision));
    return decision.order;
  });
}

}  // namespace carillon::workorder::api
