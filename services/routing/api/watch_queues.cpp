#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<std::shared_ptr<rpc::Feed<pb::QueueState>>> WatchQueues(Call& call, Deps& deps,
                                                               const pb::WatchQueuesRequest&) {
  TRY(const auto shard, ShardOf(call, deps));
  auto feed = std::make_shared<rpc::Feed<pb::QueueState>>();
  shard->WatchQueues(feed, MaySee(call));
  return feed;
}

}  // namespace carillon::routing::api
