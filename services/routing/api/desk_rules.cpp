#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"

/// What holds for all desks: one resource, kept by the engine.
namespace carillon::routing::api {

Result<pb::DeskRules> GetDeskRules(Call& call, Deps& deps, const pb::GetDeskRulesRequest&) {
  TRY(const auto shard, ShardOf(call, deps));
  return shard->Ask(call, [](const domain::Engine& engine) { return engine.Desks(); });
}

Result<pb::DeskRules> UpdateDeskRules(Call& call, Deps& deps, const pb::UpdateDeskRulesRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.set_expected_etag(in.desk_rules().etag());
  auto& rules = *command.mutable_put_desk_rules();
  rules = in.desk_rules();
  rules.set_etag(NewId(call.now));
  *rules.mutable_update_time() = ToProto(call.now);
  return shard->Do<pb::DeskRules>(call, std::move(command));
}

}  // namespace carillon::routing::api
