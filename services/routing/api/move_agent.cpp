#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"
#include "routing/domain/move.hpp"
#include "routing/store/records.hpp"

namespace carillon::routing::api {

Result<pb::Agent> MoveAgent(Call& call, Deps& deps, const pb::MoveAgentRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  return Retried<pb::Agent>("", [&]() -> Result<pb::Agent> {
    TRY(const pb::Agent before,
        deps.db.Read(call, [&](pg::Tx& tx) { return store::FindAgent(tx, in.agent()); }));
    TRY(pb::Agent after, domain::Moved(before, in, call.now));
    Stamp(after, FromProto(before.create_time()), call.now);
    pb::Command command;
    command.set_expected_etag(before.etag());
    *command.mutable_put_agent() = std::move(after);
    return shard->Do<pb::Agent>(call, std::move(command));
  });
}

}  // namespace carillon::routing::api
