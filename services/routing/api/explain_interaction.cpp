#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::ExplainInteractionResponse> ExplainInteraction(Call& call, Deps& deps,
                                                          const pb::ExplainInteractionRequest& in) {
  const auto id = IdIn(in.name());
  TRY(const pb::InteractionRecord record,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, id); }));
  TRY(const auto shard, ShardOf(call, deps));
  TRY(pb::ExplainInteractionResponse out,
      shard->Ask(call, [id](const domain::Engine& engine) { return engine.Explain(id); }));
  *out.mutable_interaction() = record.interaction();
  *out.mutable_decisions() = record.decisions();
  if (record.has_canary()) *out.mutable_canary() = record.canary();
  return out;
}

}  // namespace carillon::routing::api
