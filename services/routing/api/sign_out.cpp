#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::AgentSession> SignOut(Call& call, Deps& deps, const pb::SignOutRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.mutable_sign_out()->set_agent(call.principal.user);
  static_cast<void>(in);
  return shard->Answer<pb::AgentSession>(call, std::move(command));
}

}  // namespace carillon::routing::api
