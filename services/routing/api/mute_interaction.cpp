#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> MuteInteraction(Call& call, Deps& deps, const pb::MuteInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = in.muted() ? *command.mutable_mute() : *command.mutable_unmute();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
