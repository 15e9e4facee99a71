#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::AgentSession> SetStatus(Call& call, Deps& deps, const pb::SetStatusRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_set_status();
  to.set_agent(call.principal.user);
  to.set_status(in.status());
  to.set_reason(in.reason());
  return shard->Answer<pb::AgentSession>(call, std::move(command));
}

}  // namespace carillon::routing::api
