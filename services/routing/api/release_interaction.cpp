#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> ReleaseInteraction(Call& call, Deps& deps, const pb::ReleaseInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_release();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  to.set_reason(in.reason());
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
