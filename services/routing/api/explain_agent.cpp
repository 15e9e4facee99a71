#include <algorithm>

#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::ExplainAgentResponse> ExplainAgent(Call& call, Deps& deps, const pb::ExplainAgentRequest& in) {
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) { return store::FindAgent(tx, in.agent()); }));
  TRY(const auto shard, ShardOf(call, deps));
  const auto may_see = [principal = call.principal](const std::string& client) {
    return principal.service || std::find(principal.clients.begin(), principal.clients.end(), IdIn(client)) !=
                                    principal.clients.end();
  };
  return shard->Ask(call, [id = IdIn(in.agent()), may_see](const domain::Engine& engine) {
    return engine.ExplainAgent(id, may_see);
  });
}

}  // namespace carillon::routing::api
