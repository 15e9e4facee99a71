#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> AcceptReservation(Call& call, Deps& deps, const pb::AcceptReservationRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_accept();
  to.set_agent(call.principal.user);
  to.set_reservation(IdIn(in.name()));
  to.set_version(in.version());
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
