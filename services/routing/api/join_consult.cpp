#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> JoinConsult(Call& call, Deps& deps, const pb::JoinConsultRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_join_consult();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
