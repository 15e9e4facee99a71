#include "routing/api/ended.hpp"
#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> ReportMediaFailed(Call& call, Deps& deps, const pb::ReportMediaFailedRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& media = *command.mutable_media_failed();
  media.set_interaction(IdIn(in.name()));
  media.set_reservation(IdIn(in.reservation()));
  media.set_cause(in.cause());
  media.set_child(NewId(call.now));
  const auto live = shard->Do<pb::Interaction>(call, command);
  if (live || live.error().reason != "INTERACTION_UNKNOWN") return live;
  TRY(const pb::InteractionRecord ended,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadInteraction(tx, IdIn(in.name())); }));
  if (ended.interaction().outside_reservation() != in.reservation()) return ended.interaction();
  // The agent has finished, and the number outside did not answer: somebody has to have the customer.
  pb::Command back;
  *back.mutable_return_customer()->mutable_record() = ended;
  back.mutable_return_customer()->set_child(media.child());
  return shard->Do<pb::Interaction>(call, std::move(back));
}

}  // namespace carillon::routing::api
