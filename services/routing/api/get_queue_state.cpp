#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::QueueState> GetQueueState(Call& call, Deps& deps, const pb::GetQueueStateRequest& in) {
  // The row says whether the caller may see the queue; what is in it now the engine knows.
  TRY(const pb::Queue queue,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::FindQueue(tx, in.queue()); }));
  TRY(const auto shard, ShardOf(call, deps));
  return shard->Ask(call,
                    [name = queue.name()](const domain::Engine& engine) { return engine.StateOf(name); });
}

}  // namespace carillon::routing::api
