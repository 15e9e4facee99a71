#include "routing/api/ended.hpp"
#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> CancelInteraction(Call& call, Deps& deps, const pb::CancelInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.mutable_cancel_interaction()->set_interaction(IdIn(in.name()));
  command.mutable_cancel_interaction()->set_reason(in.reason());
  return OrEnded(call, deps, in.name(), shard->Do<pb::Interaction>(call, std::move(command)));
}

}  // namespace carillon::routing::api
