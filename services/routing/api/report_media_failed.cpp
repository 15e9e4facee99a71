#include "routing/api/ended.hpp"
#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> ReportMediaFailed(Call& call, Deps& deps, const pb::ReportMediaFailedRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& media = *command.mutable_media_failed();
  media.set_interaction(IdIn(in.name()));
  media.set_reservation(IdIn(in.reservation()));
  media.set_cause(in.cause());
  return OrEnded(call, deps, in.name(), shard->Do<pb::Interaction>(call, std::move(command)));
}

}  // namespace carillon::routing::api
