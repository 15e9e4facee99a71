#include "routing/api/handlers.hpp"
#include "routing/domain/dry_run.hpp"

namespace carillon::routing::api {

Result<pb::DryRunRulesResponse> DryRunRules(Call& call, Deps& deps, const pb::DryRunRulesRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  // The shard's thread only copies; what the copies do is this call's own time.
  TRY(const auto situation, shard->Ask(call, [](const domain::Engine& engine) {
    return std::pair(engine.Snapshot(), engine.last());
  }));
  return domain::DryRun(situation.first, situation.second, in, MaySee(call));
}

}  // namespace carillon::routing::api
