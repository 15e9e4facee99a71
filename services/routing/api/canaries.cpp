#include "routing/api/handlers.hpp"
#include "routing/api/rules.hpp"
#include "routing/store/records.hpp"

/// Rules on trial. The row says whether the caller may see the queue; the canary is the engine's.
namespace carillon::routing::api {
namespace {

Result<pb::Queue> SeenQueue(Call& call, Deps& deps, const std::string& name) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::FindQueue(tx, name); });
}

}  // namespace

Result<pb::Canary> StartCanary(Call& call, Deps& deps, const pb::StartCanaryRequest& in) {
  TRY(const pb::Queue queue, SeenQueue(call, deps, in.queue()));
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& canary = *command.mutable_start_canary() = in.canary();
  canary.set_uid(NewId(call.now));
  canary.mutable_policy()->set_name(queue.name());
  return shard->Do<pb::Canary>(call, std::move(command));
}

Result<pb::Canary> GetCanary(Call& call, Deps& deps, const pb::GetCanaryRequest& in) {
  TRY(const pb::Queue queue, SeenQueue(call, deps, in.queue()));
  TRY(const auto shard, ShardOf(call, deps));
  TRY(const auto found, shard->Ask(call, [name = queue.name()](const domain::Engine& engine) {
    const auto* canary = engine.FindCanary(name);
    return canary == nullptr ? std::nullopt : std::optional(*canary);
  }));
  if (!found) return NotFound("CANARY_UNKNOWN", "The queue has had no canary.", {{"queue", queue.name()}});
  return *found;
}

Result<pb::Canary> PromoteCanary(Call& call, Deps& deps, const pb::PromoteCanaryRequest& in) {
  TRY(const pb::Queue queue, SeenQueue(call, deps, in.queue()));
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.mutable_promote_canary()->set_queue(IdIn(queue.name()));
  command.mutable_promote_canary()->set_etag(NewId(call.now));
  return shard->Do<pb::Canary>(call, std::move(command));
}

Result<pb::Canary> EndCanary(Call& call, Deps& deps, const pb::EndCanaryRequest& in) {
  TRY(const pb::Queue queue, SeenQueue(call, deps, in.queue()));
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  command.mutable_end_canary()->set_queue(IdIn(queue.name()));
  command.mutable_end_canary()->set_reason(in.reason());
  return shard->Do<pb::Canary>(call, std::move(command));
}

}  // namespace carillon::routing::api
