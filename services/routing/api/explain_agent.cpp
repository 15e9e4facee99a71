#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::ExplainAgentResponse> ExplainAgent(Call& call, Deps& deps, const pb::ExplainAgentRequest& in) {
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) { return store::FindAgent(tx, in.agent()); }));
  TRY(const auto shard, ShardOf(call, deps));
  return shard->Ask(call, [id = IdIn(in.agent()), may_see = MaySee(call)](const domain::Engine& engine) {
    return engine.ExplainAgent(id, may_see);
  });
}

}  // namespace carillon::routing::api
