#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> TakeOverInteraction(Call& call, Deps& deps,
                                            const pb::TakeOverInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_take_over();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  to.set_child(NewId(call.now));
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
