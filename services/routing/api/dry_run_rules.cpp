#include <algorithm>

#include "routing/api/handlers.hpp"
#include "routing/domain/dry_run.hpp"

namespace carillon::routing::api {

Result<pb::DryRunRulesResponse> DryRunRules(Call& call, Deps& deps, const pb::DryRunRulesRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  const auto may_see = [principal = call.principal](const std::string& client) {
    return principal.service || std::find(principal.clients.begin(), principal.clients.end(), IdIn(client)) !=
                                    principal.clients.end();
  };
  // The shard's thread only copies; what the copies do is this call's own time.
  TRY(const auto situation, shard->Ask(call, [](const domain::Engine& engine) {
    return std::pair(engine.Snapshot(), engine.last());
  }));
  return domain::DryRun(situation.first, situation.second, in, may_see);
}

}  // namespace carillon::routing::api
