#include "routing/api/handlers.hpp"

namespace carillon::routing::api {

Result<pb::Interaction> CreateInteraction(Call& call, Deps& deps, const pb::CreateInteractionRequest& in) {
  TRY(const auto shard, ShardOf(call, deps));
  pb::Command command;
  auto& work = *command.mutable_create_interaction();
  // Only what the bringer may say; the rest is the engine's.
  const auto& from = in.interaction();
  work.set_name("interactions/" + NewId(call.now));
  work.set_channel(from.channel());
  work.set_direction(from.direction());
  work.set_client(from.client());
  work.set_call(from.call());
  work.set_customer(from.customer());
  work.set_calling_number(from.calling_number());
  work.set_called_number(from.called_number());
  work.set_queue(from.queue());
  *work.mutable_required_skills() = from.required_skills();
  work.set_priority(from.priority());
  work.set_grade(from.grade());
  work.set_elderly(from.elderly());
  work.set_language(from.language());
  work.set_region(from.region());
  *work.mutable_menu_path() = from.menu_path();
  work.set_reason(from.reason());
  work.set_identity_level(from.identity_level());
  *work.mutable_attached_data() = from.attached_data();
  work.set_last_agent(from.last_agent());
  *work.mutable_criteria() = from.criteria();
  if (from.has_agent_patience()) *work.mutable_agent_patience() = from.agent_patience();
  if (from.has_callback_time()) *work.mutable_callback_time() = from.callback_time();
  *work.mutable_excluded_agents() = from.excluded_agents();
  return shard->Answer<pb::Interaction>(call, std::move(command));
}

}  // namespace carillon::routing::api
