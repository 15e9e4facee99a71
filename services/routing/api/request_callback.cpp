#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> RequestCallback(Call& call, Deps& deps, const pb::RequestCallbackRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& to = *command.mutable_request_callback();
  to.set_interaction(IdIn(in.name()));
  to.set_phone_number(in.phone_number());
  if (in.has_callback_time()) *to.mutable_time() = in.callback_time();
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
