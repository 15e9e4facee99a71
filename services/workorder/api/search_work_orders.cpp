#include "base/ids.hpp"
#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::SearchWorkOrdersResponse> SearchWorkOrders(Call& call, Deps& deps,
                                                      const pb::SearchWorkOrdersRequest& in) {
  TRY(auto orders, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::WorkOrder>> {
    if (in.query().starts_with('+')) return store::SearchByContact(tx, in.query());
    if (!in.query().starts_with("customers/")) return store::SearchByNumber(tx, in.query());
    TRY(const auto customer, IdOfName(in.query(), "customers", "query"));
    return store::SearchByCustomer(tx, customer);
  }));
  pb::SearchWorkOrdersResponse out;
  for (auto& order : orders) *out.add_work_orders() = std::move(order);
  return out;
}

}  // namespace carillon::workorder::api
