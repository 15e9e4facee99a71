#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<std::shared_ptr<rpc::Feed<pb::Desk>>> WatchDesk(Call& call, Deps& deps, const pb::WatchDeskRequest&) {
  TRY(const auto shard, ShardOf(call, deps));
  auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
  shard->WatchDesk(call.principal.user, feed);
  return feed;
}

}  // namespace carillon::routing::api
