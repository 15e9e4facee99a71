#include "base/ids.hpp"
#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<std::shared_ptr<DeskFeeds::Feed>> WatchDesk(Call& call, Deps& deps, const pb::WatchDeskRequest& in) {
  TRY(const auto id, IdOfName(in.name(), "desks"));
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) { return store::RequireDesk(tx, in.name()); }));
  return deps.feeds.Open(call, id);
}

}  // namespace carillon::workorder::api
