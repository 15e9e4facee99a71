#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> GetInteraction(Call& call, Deps& deps, const pb::GetInteractionRequest& in) {
  const auto id = IdIn(in.name());
  TRY(const pb::InteractionRecord record,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, id); }));
  if (record.interaction().state() != pb::Interaction::QUEUED) return record.interaction();
  // Its place is known to the engine alone.
  TRY(const auto shard, ShardOf(call, deps));
  TRY(const auto live,
      shard->Ask(call, [id](const domain::Engine& engine) { return engine.FindInteraction(id); }));
  return live ? *live : record.interaction();
}

}  // namespace carillon::routing::api
