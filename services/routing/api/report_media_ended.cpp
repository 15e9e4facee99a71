#include "routing/api/ended.hpp"
#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> ReportMediaEnded(Call& call, Deps& deps, const pb::ReportMediaEndedRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& media = *command.mutable_media_ended();
  media.set_interaction(IdIn(in.name()));
  media.set_party(in.party());
  media.set_cause(in.cause());
  if (in.has_end_time()) *media.mutable_time() = in.end_time();
  if (in.has_hold_duration()) *media.mutable_hold_duration() = in.hold_duration();
  return shard->Answer<pb::Interaction>(call, std::move(command), Ended(call, deps, in.name()));
}

}  // namespace carillon::routing::api
