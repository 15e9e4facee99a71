#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> EndConsult(Call& call, Deps& deps, const pb::EndConsultRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_end_consult();
  to.set_agent(call.principal.user);
  to.set_interaction(IdIn(in.name()));
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
