#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"
#include "routing/store/records.hpp"
#include "rpc/page.hpp"

/// The standard methods of agents.
namespace carillon::routing::api {

Result<pb::Agent> CreateAgent(Call& call, Deps& deps, const pb::CreateAgentRequest& in) {
  pb::Agent made = in.agent();
  if (made.user().empty()) return Missing("agent.user");
  if (made.code().empty()) return Missing("agent.code");
  if (made.routing_profile().empty()) return Missing("agent.routing_profile");
  TRY(const auto shard, ShardOf(call, deps));
  made.set_name("agents/" + IdIn(made.user()));
  Stamp(made, call.now, call.now);
  pb::Command command;
  command.set_create(true);
  *command.mutable_put_agent() = made;
  return shard->Do<pb::Agent>(call, std::move(command));
}

Result<pb::Agent> GetAgent(Call& call, Deps& deps, const pb::GetAgentRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::FindAgent(tx, in.name()); });
}

Result<pb::ListAgentsResponse> ListAgents(Call& call, Deps& deps, const pb::ListAgentsRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "agents"));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListAgentsResponse> {
    pb::ListAgentsResponse out;
    for (const auto& row : store::ListAgents(tx, after, size + 1)) {
      if (out.agents_size() == size) {
        out.set_next_page_token(rpc::PageToken(out.agents(size - 1).code(), "agents"));
        break;
      }
      *out.add_agents() = row;
    }
    return out;
  });
}

Result<pb::Agent> UpdateAgent(Call& call, Deps& deps, const pb::UpdateAgentRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  return Retried<pb::Agent>(in.agent().etag(), [&]() -> Result<pb::Agent> {
    TRY(const pb::Agent before,
        deps.db.Read(call, [&](pg::Tx& tx) { return store::FindAgent(tx, in.agent().name()); }));
    pb::Agent after = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.agent(), after));
    after.set_name(before.name());
    after.set_code(before.code());
    after.set_user(before.user());
    Stamp(after, FromProto(before.create_time()), call.now);
    pb::Command command;
    command.set_expected_etag(in.agent().etag().empty() ? before.etag() : in.agent().etag());
    *command.mutable_put_agent() = after;
    return shard->Do<pb::Agent>(call, std::move(command));
  });
}

Result<google::protobuf::Empty> DeleteAgent(Call& call, Deps& deps, const pb::DeleteAgentRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.set_expected_etag(in.etag());
  command.set_delete_agent(IdIn(in.name()));
  return shard->Do<google::protobuf::Empty>(call, std::move(command));
}

}  // namespace carillon::routing::api
