#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::AgentSession> SignIn(Call& call, Deps& deps, const pb::SignInRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_sign_in();
  to.set_agent(call.principal.user);
  to.set_session(NewId(call.now));
  to.set_seat(in.seat());
  to.set_extension(in.extension());
  return shard->Answer<pb::AgentSession>(call, std::move(command));
}

}  // namespace carillon::routing::api
