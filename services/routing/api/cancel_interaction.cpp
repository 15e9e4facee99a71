#include "routing/api/ended.hpp"
#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> CancelInteraction(Call& call, Deps& deps, const pb::CancelInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.mutable_cancel_interaction()->set_interaction(IdIn(in.name()));
  command.mutable_cancel_interaction()->set_reason(in.reason());
  return shard->Answer<pb::Interaction>(call, std::move(command), Ended(call, deps, in.name()));
}

}  // namespace carillon::routing::api
