#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/canary.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// Queues, skills, routing profiles, agents.
namespace carillon::routing::domain {

Result<std::string> Engine::ResolveSkill(std::string_view name) const {
  const auto id = IdPart(name);
  if (s_->skills.contains(id)) return std::string(id);
  if (const auto code = s_->skill_codes.find(id); code != s_->skill_codes.end()) return code->second;
  return errors::Unknown("SKILL", name);
}

Result<std::string> Engine::ResolveQueue(std::string_view name) const {
  const auto id = IdPart(name);
  if (s_->rooms.contains(id)) return std::string(id);
  if (const auto code = s_->queue_codes.find(id); code != s_->queue_codes.end()) return code->second;
  return errors::Unknown("QUEUE", name);
}

Result<std::string> Engine::ResolveProfile(std::string_view name) const {
  const auto id = IdPart(name);
  if (s_->profiles.contains(id)) return std::string(id);
  if (const auto code = s_->profile_codes.find(id); code != s_->profile_codes.end()) return code->second;
  return errors::Unknown("ROUTING_PROFILE", name);
}

/// `waiting`: of work in the queue; it cannot be handed back to its bringer.
Result<void> Engine::ResolveTarget(pb::Queue::Target& target, bool waiting, const char* field) const {
  using Target = pb::Queue::Target;
  if (waiting && (target.kind() == Target::VOICEMAIL || target.kind() == Target::FLOW))
    return InvalidArgument("TARGET_FOR_NEW_WORK", "This target is for new work only.",
                           {{std::string(field) + ".kind", "QUEUE, CALLBACK or HANG_UP"}});
  if (target.kind() != Target::QUEUE) return Ok();
  TRY(const auto queue, ResolveQueue(target.queue()));
  target.set_queue(NameOf("queues", queue));
  return Ok();
}

Result<void> Engine::ResolveNeeds(google::protobuf::RepeatedPtrField<pb::SkillRequirement>& needs) const {
  for (auto& need : needs) {
    TRY(const auto skill, ResolveSkill(need.skill()));
    need.set_skill(NameOf("skills", skill));
  }
  return Ok();
}

Result<void> Engine::ResolveCriteria(google::protobuf::RepeatedPtrField<pb::CriteriaStep>& steps) const {
  for (auto& step : steps) {
    if (step.any_of().empty() && step.agents().empty())
      return InvalidArgument("CRITERIA_EMPTY", "A criteria step names skills or agents.",
                             {{"criteria", "any_of or agents"}});
    for (auto& alternative : *step.mutable_any_of()) TRY_VOID(ResolveNeeds(*alternative.mutable_all_of()));
  }
  return Ok();
}

/// What the profiles say about each queue, in a form that is quick to ask.
void Engine::ReadProfiles() {
  s_->entries.clear();
  for (const auto& [id, room] : s_->rooms) room->delays.clear();
  for (const auto& [id, profile] : s_->profiles) {
    auto& entries = s_->entries[id];
    for (const auto& entry : profile.entries()) {
      const std::string queue(IdPart(entry.queue()));
      const Duration delay = FromProto(entry.delay());
      entries[queue] = {std::max(1, entry.priority()), delay};
      if (Room* room = s_->RoomOf(queue); room != nullptr && delay > Duration{0}) room->delays.insert(delay);
    }
  }
}

void Engine::RulesChanged(bool pools) {
  ++rule_version_;
  s_->dirty_counters = true;
  if (!pools) return;
  ReadProfiles();
  RebuildPools();
  Rematch();
  for (const auto& [id, room] : s_->rooms) TouchQueue(id);
}

namespace {
/// Common to all configuration: exists, version, code. `old` is what stands there now, or nullptr.
template <class T>
Result<void> MayPut(const T* old, const std::map<std::string, std::string, std::less<>>& codes, const T& in,
                    const pb::Command& command, const char* thing) {
  if (command.create() && old != nullptr) return errors::Exists(thing, in.name());
  if (!command.create() && old == nullptr) return errors::Unknown(thing, in.name());
  if (old != nullptr && !command.expected_etag().empty() && command.expected_etag() != old->etag())
    return errors::Stale(in.name());
  if (const auto code = codes.find(in.code()); code != codes.end() && code->second != IdPart(in.name()))
    return errors::CodeTaken(in.code());
  return Ok();
}

template <class T>
Result<void> MayDelete(const T* old, const std::string& id, const pb::Command& command, const char* thing) {
  if (old == nullptr) return errors::Unknown(thing, id);
  if (!command.expected_etag().empty() && command.expected_etag() != old->etag()) return errors::Stale(id);
  return Ok();
}

template <class T>
const T* In(const std::map<std::string, T, std::less<>>& all, std::string_view name) {
  const auto found = all.find(IdPart(name));
  return found == all.end() ? nullptr : &found->second;
}

void Recode(std::map<std::string, std::string, std::less<>>& codes, const std::string* old,
            const std::string& code, std::string_view name) {
  if (old != nullptr) codes.erase(*old);
  codes[code] = IdPart(name);
}

}  // namespace

Result<std::optional<calendar::WorkingCalendar>> CalendarOf(const pb::Queue& queue) {
  if (!queue.has_hours()) return std::optional<calendar::WorkingCalendar>();
  const auto wrong = [](const std::string& field, const Error& why) {
    return InvalidArgument(why.reason, why.message, {{field, why.message}});
  };
  const auto& hours = queue.hours();
  const auto zone = calendar::TimeZone::Load(hours.time_zone().empty() ? "Asia/Shanghai" : hours.time_zone());
  if (!zone) return wrong("queue.hours.time_zone", zone.error());
  const auto span = [&](const pb::Queue::OpenSpan& open) -> Result<calendar::OpenInterval> {
    TRY(const auto from, calendar::ParseTimeOfDay(open.from()));
    TRY(const auto to, calendar::ParseTimeOfDay(open.to()));
    return calendar::OpenInterval{from, to};
  };
  std::vector<calendar::WeeklyHours> weekly;
  for (const auto& day : hours.weekly())
    for (const auto& open : day.open()) {
      const auto read = span(open);
      if (!read) return wrong("queue.hours.weekly", read.error());
      weekly.push_back({std::chrono::weekday{static_cast<unsigned>(day.weekday() % 7)}, *read});
    }
  std::vector<calendar::DatedException> exceptions;
  for (const auto& day : hours.exceptions()) {
    const auto date = calendar::ParseDate(day.date());
    if (!date) return wrong("queue.hours.exceptions", date.error());
    auto& made = exceptions.emplace_back(calendar::DatedException{*date, {}});
    for (const auto& open : day.open()) {
      const auto read = span(open);
      if (!read) return wrong("queue.hours.exceptions", read.error());
      made.hours.push_back(*read);
    }
  }
  auto made = calendar::WorkingCalendar::Make(*zone, weekly, exceptions);
  if (!made) return wrong("queue.hours", made.error());
  return std::optional(std::move(*made));
}

/// What the rules name by code they name by id after this.
Result<void> Engine::ResolveQueueRules(pb::Queue& queue) const {
  TRY_VOID(ResolveNeeds(*queue.mutable_required_skills()));
  TRY_VOID(ResolveCriteria(*queue.mutable_criteria()));
  Duration before{0};
  for (auto& step : *queue.mutable_overflow()) {
    if (FromProto(step.after()) < before)
      return InvalidArgument("OVERFLOW_ORDER", "Overflow steps come in order of time.",
                             {{"queue.overflow", "each step is later than the one before"}});
    before = FromProto(step.after());
    if (step.action_case() == pb::OverflowStep::kAddQueue) {
      TRY(const auto other, ResolveQueue(step.add_queue()));
      step.set_add_queue(NameOf("queues", other));
    } else if (step.action_case() == pb::OverflowStep::kDropSkill) {
      TRY(const auto skill, ResolveSkill(step.drop_skill()));
      step.set_drop_skill(NameOf("skills", skill));
    } else if (step.action_case() == pb::OverflowStep::ACTION_NOT_SET) {
      return InvalidArgument("OVERFLOW_EMPTY", "An overflow step says what it does.",
                             {{"queue.overflow", "one of add_queue, lower_levels_by, drop_skill"}});
    }
  }
  for (auto& ring : *queue.mutable_rings())
    for (auto& dropped : *ring.mutable_drop_skills()) {
      TRY(const auto skill, ResolveSkill(dropped));
      dropped = NameOf("skills", skill);
    }
  for (auto& rule : *queue.mutable_number_rules()) {
    TRY(const auto skill, ResolveSkill(rule.skill()));
    rule.set_skill(NameOf("skills", skill));
  }
  if (queue.has_full_target())
    TRY_VOID(ResolveTarget(*queue.mutable_full_target(), false, "queue.full_target"));
  if (queue.has_closed_target())
    TRY_VOID(ResolveTarget(*queue.mutable_closed_target(), false, "queue.closed_target"));
  if (queue.has_max_wait_target())
    TRY_VOID(ResolveTarget(*queue.mutable_max_wait_target(), true, "queue.max_wait_target"));
  if (queue.has_no_agent_target())
    TRY_VOID(ResolveTarget(*queue.mutable_no_agent_target(), true, "queue.no_agent_target"));
  return Ok();
}

Result<void> Engine::PutQueue(const pb::Queue& in, const pb::Command& command) {
  const std::string id(IdPart(in.name()));
  Room* const old = s_->RoomOf(id);
  TRY_VOID(MayPut(old == nullptr ? nullptr : &old->rules, s_->queue_codes, in, command, "QUEUE"));
  pb::Queue queue = in;
  TRY_VOID(ResolveQueueRules(queue));
  if (old != nullptr && old->trial && !SameOnTrial(queue, old->rules))
    return errors::CanaryRunning(in.name());
  TRY(auto hours, CalendarOf(queue));
  Recode(s_->queue_codes, old == nullptr ? nullptr : &old->rules.code(), queue.code(), id);
  Room& room = RoomFor(id);
  room.rules = queue;
  if (room.trial) room.trial = Tried(queue, room.canary.policy());
  room.hours = std::move(hours);
  *out_.records.add_transitions()->mutable_queue() = queue;
  if (old == nullptr) TouchFigures(room);
  RulesChanged(true);
  out_.answer = CopyOf(queue);
  return Ok();
}

/// The queue's room, made when it is new.
Engine::Room& Engine::RoomFor(const std::string& id) {
  auto& room = s_->rooms[id];
  if (!room) {
    room = std::make_unique<Room>();
    room->id = id;
  }
  return *room;
}

Result<void> Engine::PutSkill(const pb::Skill& in, const pb::Command& command) {
  const auto* old = In(s_->skills, in.name());
  TRY_VOID(MayPut(old, s_->skill_codes, in, command, "SKILL"));
  Recode(s_->skill_codes, old == nullptr ? nullptr : &old->code(), in.code(), in.name());
  s_->skills[std::string(IdPart(in.name()))] = in;
  *out_.records.add_transitions()->mutable_skill() = in;
  RulesChanged(false);
  out_.answer = CopyOf(in);
  return Ok();
}

Result<void> Engine::PutProfile(const pb::RoutingProfile& in, const pb::Command& command) {
  const auto* old = In(s_->profiles, in.name());
  TRY_VOID(MayPut(old, s_->profile_codes, in, command, "ROUTING_PROFILE"));
  pb::RoutingProfile profile = in;
  std::set<std::string> seen;
  for (auto& entry : *profile.mutable_entries()) {
    TRY(const auto queue, ResolveQueue(entry.queue()));
    if (!seen.insert(queue).second)
      return InvalidArgument("QUEUE_TWICE", "A queue is in a routing profile once.",
                             {{"routing_profile.entries", "queue twice"}});
    entry.set_queue(NameOf("queues", queue));
  }
  Recode(s_->profile_codes, old == nullptr ? nullptr : &old->code(), profile.code(), profile.name());
  s_->profiles[std::string(IdPart(in.name()))] = profile;
  *out_.records.add_transitions()->mutable_routing_profile() = profile;
  RulesChanged(true);
  out_.answer = CopyOf(profile);
  return Ok();
}

Result<void> Engine::PutAgent(const pb::Agent& in, const pb::Command& command) {
  const auto* old = In(s_->agents, in.name());
  TRY_VOID(MayPut(old, s_->agent_codes, in, command, "AGENT"));
  pb::Agent agent = in;
  TRY(const auto profile, ResolveProfile(in.routing_profile()));
  agent.set_routing_profile(NameOf("routingProfiles", profile));
  auto before = TimePoint::min();
  for (auto& stretch : *agent.mutable_assignments()) {
    TRY(const auto theirs, ResolveProfile(stretch.routing_profile()));
    stretch.set_routing_profile(NameOf("routingProfiles", theirs));
    if (FromProto(stretch.start_time()) < before ||
        FromProto(stretch.end_time()) <= FromProto(stretch.start_time()))
      return InvalidArgument("ASSIGNMENTS_ORDER", "Stretches of the roster follow one another.",
                             {{"agent.assignments", "each begins when the one before has ended"}});
    before = FromProto(stretch.end_time());
  }
  if (Twice(in.capacities()))
    return InvalidArgument("CHANNEL_TWICE", "A channel is listed once.",
                           {{"agent.capacities", "a channel twice"}});
  std::set<std::string> seen;
  for (auto& held : *agent.mutable_skills()) {
    TRY(const auto skill, ResolveSkill(held.skill()));
    if (!seen.insert(skill).second)
      return InvalidArgument("SKILL_TWICE", "An agent holds a skill once.",
                             {{"agent.skills", "skill twice"}});
    held.set_skill(NameOf("skills", skill));
  }
  const std::string id(IdPart(in.name()));
  Recode(s_->agent_codes, old == nullptr ? nullptr : &old->code(), agent.code(), agent.name());
  s_->agents[id] = agent;
  *out_.records.add_transitions()->mutable_agent() = agent;
  Session* const session = s_->sessions.Find(id);
  if (session != nullptr) ReadRoster(*session);
  RulesChanged(session != nullptr);
  out_.answer = CopyOf(agent);
  return Ok();
}

/// Of every queue, and those on trial.
std::vector<const pb::Queue*> Engine::RulesInForce() const {
  std::vector<const pb::Queue*> out;
  for (const auto& [id, room] : s_->rooms) {
    out.push_back(&room->rules);
    if (room->trial) out.push_back(&*room->trial);
  }
  return out;
}

Result<void> Engine::DeleteQueue(const std::string& id, const pb::Command& command) {
  Room* const room = s_->RoomOf(id);
  TRY_VOID(MayDelete(room == nullptr ? nullptr : &room->rules, id, command, "QUEUE"));
  const auto name = NameOf("queues", id);
  if (room->trial) return errors::CanaryRunning(name);
  for (const auto& [other, profile] : s_->profiles)
    for (const auto& entry : profile.entries())
      if (entry.queue() == name) return errors::InUse("QUEUE", name, profile.name());
  for (const pb::Queue* with : RulesInForce()) {
    for (const auto& step : with->overflow())
      if (step.add_queue() == name) return errors::InUse("QUEUE", name, with->name());
    for (const auto* target :
         {&with->full_target(), &with->closed_target(), &with->max_wait_target(), &with->no_agent_target()})
      if (target->queue() == name && with->name() != name) return errors::InUse("QUEUE", name, with->name());
  }
  for (const Work* work : State::Sorted(s_->works))
    if (work->view().queue() == name) return errors::InUse("QUEUE", name, work->view().name());
  s_->queue_codes.erase(room->rules.code());
  // Nothing in memory may point into the room when it goes.
  for (const auto& [work_id, work] : s_->works) LeavePools(*work);
  s_->rooms.erase(id);
  out_.records.add_transitions()->set_queue_deleted(id);
  RulesChanged(true);
  return Ok();
}

Result<void> Engine::DeleteSkill(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(In(s_->skills, id), id, command, "SKILL"));
  const auto name = NameOf("skills", id);
  const auto needs = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& need) { return need.skill() == name; });
  };
  const auto stepped = [&](const auto& steps) {
    return std::any_of(steps.begin(), steps.end(), [&](const auto& step) {
      return std::any_of(step.any_of().begin(), step.any_of().end(),
                         [&](const auto& alternative) { return needs(alternative.all_of()); });
    });
  };
  for (const pb::Queue* each : RulesInForce()) {
    const auto& queue = *each;
    const auto& overflow = queue.overflow();
    const auto& rings = queue.rings();
    if (needs(queue.required_skills()) || needs(queue.number_rules()) || stepped(queue.criteria()) ||
        std::any_of(overflow.begin(), overflow.end(),
                    [&](const auto& step) { return step.drop_skill() == name; }) ||
        std::any_of(rings.begin(), rings.end(), [&](const auto& ring) {
          return std::find(ring.drop_skills().begin(), ring.drop_skills().end(), name) !=
                 ring.drop_skills().end();
        }))
      return errors::InUse("SKILL", name, queue.name());
  }
  for (const auto& [other, agent] : s_->agents)
    if (needs(agent.skills())) return errors::InUse("SKILL", name, agent.name());
  for (const Work* work : State::Sorted(s_->works))
    if (needs(work->view().required_skills()) || stepped(work->view().criteria()))
      return errors::InUse("SKILL", name, work->view().name());
  s_->skill_codes.erase(s_->skills[id].code());
  s_->skills.erase(id);
  out_.records.add_transitions()->set_skill_deleted(id);
  RulesChanged(false);
  return Ok();
}

Result<void> Engine::DeleteProfile(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(In(s_->profiles, id), id, command, "ROUTING_PROFILE"));
  const auto name = NameOf("routingProfiles", id);
  for (const auto& [other, agent] : s_->agents)
    if (agent.routing_profile() == name ||
        std::any_of(agent.assignments().begin(), agent.assignments().end(),
                    [&](const auto& stretch) { return stretch.routing_profile() == name; }))
      return errors::InUse("ROUTING_PROFILE", name, agent.name());
  s_->profile_codes.erase(s_->profiles[id].code());
  s_->profiles.erase(id);
  out_.records.add_transitions()->set_routing_profile_deleted(id);
  RulesChanged(true);  // its delays are nobody's any more
  return Ok();
}

Result<void> Engine::DeleteAgent(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(In(s_->agents, id), id, command, "AGENT"));
  if (const Session* const session = s_->sessions.Find(id); session != nullptr)
    return errors::SignedIn(id, session->view().seat());
  s_->agent_codes.erase(s_->agents[id].code());
  s_->agents.erase(id);
  s_->days.erase(id);
  out_.records.add_transitions()->set_agent_deleted(id);
  RulesChanged(false);
  return Ok();
}

}  // namespace carillon::routing::domain
