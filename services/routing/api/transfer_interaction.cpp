#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> TransferInteraction(Call& call, Deps& deps,
                                            const pb::TransferInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_transfer();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  to.set_child(NewId(call.now));
  if (in.has_agent()) to.set_to_agent(in.agent());
  if (in.has_queue()) to.set_to_queue(in.queue());
  if (in.has_phone_number()) to.set_phone_number(in.phone_number());
  to.set_briefing(in.briefing());
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
