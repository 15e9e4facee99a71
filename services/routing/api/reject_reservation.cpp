#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::AgentSession> RejectReservation(Call& call, Deps& deps, const pb::RejectReservationRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_reject();
  to.set_agent(call.principal.user);
  to.set_reservation(IdIn(in.name()));
  to.set_version(in.version());
  to.set_reason(in.reason());
  return shard->Answer<pb::AgentSession>(call, std::move(command));
}

}  // namespace carillon::routing::api
