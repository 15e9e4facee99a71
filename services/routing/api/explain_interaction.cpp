#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::ExplainInteractionResponse> ExplainInteraction(Call& call, Deps& deps,
                                                          const pb::ExplainInteractionRequest& in) {
  const auto id = IdIn(in.name());
  TRY(const pb::InteractionRecord record,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, id); }));
  pb::ExplainInteractionResponse out;
  *out.mutable_interaction() = record.interaction();
  *out.mutable_decisions() = record.decisions();
  TRY(const auto shard, ShardOf(call, deps));
  TRY(const auto live, shard->Ask(call, [id](const domain::Engine& engine) {
    return std::pair(engine.RequirementsOf(id), engine.QueuesOf(id));
  }));
  for (const auto& need : live.first) *out.add_required_skills() = need;
  for (const auto& queue : live.second) out.add_queues(queue);
  return out;
}

}  // namespace carillon::routing::api
