#include "routing/domain/dry_run.hpp"

#include <algorithm>
#include <tuple>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"

namespace carillon::routing::domain {
namespace {

constexpr int kMostOutcomes = 200;

Engine At(const pb::Transitions& state, TimePoint now) {
  Engine engine;
  for (const auto& record : state.transitions()) engine.Put(record);
  engine.Settle(now);
  return engine;
}

/// The resource as it would be put: one that is there keeps what was given once, a new one gets a name.
template <class T>
Result<bool> Named(T& to, const T* old, const char* collection, const char* thing, int number) {
  if (to.name().empty()) {
    to.set_name(std::string(collection) + "/" +
                DerivedId("dry run", std::string(collection) + std::to_string(number)));
    return true;
  }
  if (old == nullptr) return errors::Unknown(thing, to.name());
  to.set_name(old->name());
  to.set_code(old->code());
  return false;
}

Result<pb::Command> CommandOf(const Engine& engine, const pb::RuleChange& change, int number,
                              const std::function<bool(const std::string&)>& may_see) {
  pb::Command command;
  command.set_actor("dry run");
  switch (change.change_case()) {
    case pb::RuleChange::kQueue: {
      auto& to = *command.mutable_put_queue() = change.queue();
      const auto* old = to.name().empty() ? nullptr : engine.FindQueue(to.name());
      if (old != nullptr && !may_see(old->client())) old = nullptr;
      TRY(const bool made, Named(to, old, "queues", "QUEUE", number));
      if (!made) to.set_client(old->client());
      command.set_create(made);
      break;
    }
    case pb::RuleChange::kRoutingProfile: {
      auto& to = *command.mutable_put_routing_profile() = change.routing_profile();
      const auto* old = to.name().empty() ? nullptr : engine.FindProfile(to.name());
      TRY(const bool made, Named(to, old, "routingProfiles", "ROUTING_PROFILE", number));
      command.set_create(made);
      break;
    }
    case pb::RuleChange::kSkill: {
      auto& to = *command.mutable_put_skill() = change.skill();
      const auto* old = to.name().empty() ? nullptr : engine.FindSkill(to.name());
      TRY(const bool made, Named(to, old, "skills", "SKILL", number));
      command.set_create(made);
      break;
    }
    case pb::RuleChange::kAgent: {
      auto& to = *command.mutable_put_agent() = change.agent();
      // Agents are users: one who is new signs in nowhere, so there is nothing to see.
      const auto* old = engine.FindAgent(to.name());
      if (old == nullptr) return errors::Unknown("AGENT", to.name());
      to.set_code(old->code());
      to.set_user(old->user());
      break;
    }
    case pb::RuleChange::CHANGE_NOT_SET:
      return InvalidArgument("CHANGE_MISSING", "A change changes something.",
                             {{"changes", "one of queue, routing_profile, agent, skill"}});
  }
  return command;
}

bool Same(const pb::DryRunRulesResponse::Outcome& each) {
  return each.offered_to().empty() && each.queue() == each.queue_after() &&
         each.position() == each.position_after() && each.agents() == each.agents_after();
}

}  // namespace

Result<void> MakeChanges(Engine& engine, const google::protobuf::RepeatedPtrField<pb::RuleChange>& changes,
                         TimePoint now, const std::function<bool(const std::string&)>& may_see) {
  for (int i = 0; i < changes.size(); ++i) {
    const auto refused = [&](Error why) {
      why.metadata["change"] = std::to_string(i);
      return why;
    };
    const auto command = CommandOf(engine, changes[i], i, may_see);
    if (!command) return refused(command.error());
    if (auto applied = engine.Apply(*command, now); applied.error) return refused(*applied.error);
  }
  return Ok();
}

Result<pb::DryRunRulesResponse> DryRun(const pb::Transitions& state, TimePoint now,
                                       const pb::DryRunRulesRequest& in,
                                       const std::function<bool(const std::string&)>& may_see) {
  const Engine before = At(state, now);
  Engine after = At(state, now);
  TRY_VOID(MakeChanges(after, in.changes(), now, may_see));
  pb::DryRunRulesResponse out;
  out.set_rule_version(before.rule_version());
  *out.mutable_time() = ToProto(now);
  std::vector<pb::DryRunRulesResponse::Outcome> outcomes;
  for (const auto& record : state.transitions()) {
    const auto& was = record.interaction().interaction();
    if (!record.has_interaction() || was.state() != pb::Interaction::QUEUED) continue;
    out.set_waiting(out.waiting() + 1);
    const std::string id = was.name().substr(was.name().rfind('/') + 1);
    const auto seen_before = *before.FindInteraction(id);
    const auto seen_after = *after.FindInteraction(id);
    pb::DryRunRulesResponse::Outcome each;
    each.set_interaction(was.name());
    each.set_queue(was.queue());
    each.set_queue_after(seen_after.queue());
    each.set_position(seen_before.position());
    each.set_position_after(seen_after.position());
    each.set_agents(before.AgentsFor(id));
    each.set_agents_after(after.AgentsFor(id));
    if (seen_after.state() == pb::Interaction::RESERVED) each.set_offered_to(seen_after.agent());
    if (Same(each)) continue;
    out.set_differing(out.differing() + 1);
    if (may_see(was.client())) outcomes.push_back(std::move(each));
  }
  std::sort(outcomes.begin(), outcomes.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.queue(), a.position(), a.interaction()) <
           std::tuple(b.queue(), b.position(), b.interaction());
  });
  for (int i = 0; i < std::min<int>(kMostOutcomes, static_cast<int>(outcomes.size())); ++i)
    *out.add_outcomes() = std::move(outcomes[static_cast<std::size_t>(i)]);
  for (const auto& id : after.QueueIds()) {
    const auto* rules = after.FindQueue(id);
    if (!may_see(rules->client())) continue;
    const auto was = before.StateOf(id);
    const auto is = after.StateOf(id);
    if (was.waiting() == is.waiting() && was.agents() == is.agents()) continue;
    auto& each = *out.add_queues();
    each.set_queue(rules->name());
    each.set_code(rules->code());
    each.set_waiting(was.waiting());
    each.set_waiting_after(is.waiting());
    each.set_agents(was.agents());
    each.set_agents_after(is.agents());
  }
  std::sort(out.mutable_queues()->begin(), out.mutable_queues()->end(),
            [](const auto& a, const auto& b) { return a.code() < b.code(); });
  return out;
}

}  // namespace carillon::routing::domain
