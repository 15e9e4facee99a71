#include "base/ids.hpp"
#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::ListHistoryResponse> ListHistory(Call& call, Deps& deps, const pb::ListHistoryRequest& in) {
  TRY(const auto id, IdOfName(in.parent(), "workOrders", "parent"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListHistoryResponse> {
    TRY(const auto order, store::Load(tx, in.parent()));
    pb::ListHistoryResponse out;
    for (auto& entry : store::History(tx, id)) *out.add_entries() = std::move(entry);
    return out;
  });
}

}  // namespace carillon::workorder::api
