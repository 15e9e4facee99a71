#include "routing/api/ended.hpp"
#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> ReportMediaConnected(Call& call, Deps& deps,
                                             const pb::ReportMediaConnectedRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& media = *command.mutable_media_connected();
  media.set_interaction(IdIn(in.name()));
  media.set_reservation(IdIn(in.reservation()));
  if (in.has_connect_time()) *media.mutable_time() = in.connect_time();
  return shard->Answer<pb::Interaction>(call, std::move(command), Ended(call, deps, in.name()));
}

}  // namespace carillon::routing::api
