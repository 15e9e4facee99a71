#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::AgentSession> ForceStatus(Call& call, Deps& deps, const pb::ForceStatusRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_set_status();
  to.set_agent(IdIn(in.agent()));
  to.set_status(in.status());
  to.set_reason(in.reason().empty() ? "FORCED" : in.reason());
  to.set_forced(true);
  return shard->Answer<pb::AgentSession>(call, std::move(command));
}

}  // namespace carillon::routing::api
