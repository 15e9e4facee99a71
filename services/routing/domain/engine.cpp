#include "routing/domain/engine.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

namespace carillon::routing::domain {
namespace {

constexpr Duration kOfferTimeout = std::chrono::seconds{15};  // three rings of 5 s
constexpr Duration kWrapUp = std::chrono::seconds{60};
constexpr Duration kRefusalDelay = std::chrono::seconds{30};
constexpr Duration kLastAgentPatience = std::chrono::seconds{20};
constexpr Duration kServiceLevel = std::chrono::seconds{20};
constexpr Duration kFirstGuess = std::chrono::seconds{180};  // handling time before the first was seen
constexpr int kDefaultPriority = 5;

std::string NameOf(std::string_view collection, std::string_view id) {
  return std::string(collection) + "/" + std::string(id);
}

Duration Or(bool given, const google::protobuf::Duration& value, Duration standard) {
  return given ? FromProto(value) : standard;
}

int BonusOf(const pb::Queue& queue, const std::string& grade, bool elderly) {
  const auto seconds = [&](const std::string& word) -> int {
    if (!queue.bonus_seconds().empty()) {
      const auto found = queue.bonus_seconds().find(word);
      return found == queue.bonus_seconds().end() ? 0 : found->second;
    }
    return word == "GOLD" ? 500 : word == "DIAMOND" ? 1000 : word == "ELDERLY" ? 300 : 0;
  };
  return seconds(grade) + (elderly ? seconds("ELDERLY") : 0);
}

bool Final(pb::Interaction::State state) {
  return state == pb::Interaction::COMPLETED || state == pb::Interaction::CANCELED ||
         state == pb::Interaction::ABANDONED;
}

void AddTo(google::protobuf::Duration* sum, Duration more) { *sum = ToProto(FromProto(*sum) + more); }

bool InTime(const pb::Queue& queue, const pb::Interaction& view) {
  return FromProto(view.accept_time()) - FromProto(view.queue_time()) <=
         Or(queue.has_service_level_time(), queue.service_level_time(), kServiceLevel);
}

/// What others may know: without the agent's words and without the data that only the desk needs.
pb::Interaction Published(const pb::Interaction& view) {
  pb::Interaction out = view;
  out.clear_note();
  out.clear_attached_data();
  return out;
}

template <class T>
std::shared_ptr<T> CopyOf(const T& value) {
  return std::make_shared<T>(value);
}

}  // namespace

Engine::Engine() : s_(std::make_unique<State>()) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

// ---- the frame of a command
// ----------------------------------------------------------------------------------

Applied Engine::Apply(const pb::Command& command, TimePoint now) {
  now_ = std::max(now, last_);
  last_ = now_;
  actor_ = command.actor();
  out_ = Applied{};
  if (auto done = Dispatch(command, now_); !done) {
    out_.error = done.error();
    CARILLON_CHECK(s_->dirty_works.empty() && s_->dirty_sessions.empty() && out_.events.empty());
    return std::exchange(out_, {});
  }
  // Works and sessions by id, so that the records of a command do not depend on addresses.
  std::map<std::string, Work*> works;
  for (Work* work : s_->dirty_works) works.emplace(work->id, work);
  std::map<std::string, Session*> sessions;
  for (Session* session : s_->dirty_sessions) sessions.emplace(session->agent, session);
  for (const auto& [id, work] : works) {
    work->dirty = false;
    *out_.records.add_transitions()->mutable_interaction() = work->record;
  }
  for (const auto& [id, session] : sessions) {
    session->dirty = false;
    *out_.records.add_transitions()->mutable_session() = session->record;
  }
  for (const auto& id : s_->dirty_figures)
    if (const auto found = s_->figures.find(id); found != s_->figures.end())
      *out_.records.add_transitions()->mutable_figures() = found->second;
  if (s_->dirty_counters) {
    auto& counters = *out_.records.add_transitions()->mutable_counters();
    counters.set_sequence(sequence_);
    counters.set_rule_version(rule_version_);
  }
  s_->dirty_works.clear();
  s_->dirty_sessions.clear();
  s_->dirty_figures.clear();
  s_->dirty_counters = false;
  if (out_.changed()) changed_ = last_;
  return std::exchange(out_, {});
}

Result<void> Engine::Dispatch(const pb::Command& c, TimePoint now) {
  switch (c.command_case()) {
    case pb::Command::kPutQueue:
      return PutQueue(c.put_queue(), c);
    case pb::Command::kDeleteQueue:
      return DeleteQueue(c.delete_queue(), c);
    case pb::Command::kPutSkill:
      return PutSkill(c.put_skill(), c);
    case pb::Command::kDeleteSkill:
      return DeleteSkill(c.delete_skill(), c);
    case pb::Command::kPutRoutingProfile:
      return PutProfile(c.put_routing_profile(), c);
    case pb::Command::kDeleteRoutingProfile:
      return DeleteProfile(c.delete_routing_profile(), c);
    case pb::Command::kPutAgent:
      return PutAgent(c.put_agent(), c);
    case pb::Command::kDeleteAgent:
      return DeleteAgent(c.delete_agent(), c);
    case pb::Command::kSignIn:
      return SignIn(c.sign_in());
    case pb::Command::kSignOut:
      return SignOut(c.sign_out());
    case pb::Command::kSetStatus:
      return SetStatus(c.set_status());
    case pb::Command::kDeskConnected:
      return DeskConnected(c.desk_connected());
    case pb::Command::kDeskLost:
      return DeskLost(c.desk_lost());
    case pb::Command::kDeskExpired:
      return DeskExpired(c.desk_expired());
    case pb::Command::kCreateInteraction:
      return CreateInteraction(c.create_interaction());
    case pb::Command::kCancelInteraction:
      return CancelInteraction(c.cancel_interaction());
    case pb::Command::kAccept:
      return Accept(c.accept());
    case pb::Command::kReject:
      return Reject(c.reject());
    case pb::Command::kMediaConnected:
      return MediaConnected(c.media_connected());
    case pb::Command::kMediaFailed:
      return MediaFailed(c.media_failed());
    case pb::Command::kMediaEnded:
      return MediaEnded(c.media_ended());
    case pb::Command::kHold:
      return Hold(c.hold());
    case pb::Command::kRetrieve:
      return Retrieve(c.retrieve());
    case pb::Command::kRelease:
      return Release(c.release());
    case pb::Command::kComplete:
      return Complete(c.complete());
    case pb::Command::kTick:
      return Tick(now);
    case pb::Command::kResume:
      return Resume(FromProto(c.resume().gap()));
    case pb::Command::COMMAND_NOT_SET:
      break;
  }
  return InvalidArgument("COMMAND_MISSING", "The command is empty.");
}

void Engine::Touch(Work& work) {
  if (!work.dirty) s_->dirty_works.insert(&work);
  work.dirty = true;
  if (work.session != nullptr) out_.agents.insert(work.session->agent);
}

void Engine::Touch(Session& session) {
  if (!session.dirty) s_->dirty_sessions.insert(&session);
  session.dirty = true;
  out_.agents.insert(session.agent);
}

void Engine::TouchQueue(const std::string& queue) { out_.queues.insert(queue); }

void Engine::TouchFigures(const std::string& queue) {
  s_->figures[queue].set_queue(queue);
  s_->dirty_figures.insert(queue);
  TouchQueue(queue);
}

void Engine::Publish(Event::Aggregate aggregate, const std::string& key,
                     std::shared_ptr<const google::protobuf::Message> message) {
  out_.events.push_back({aggregate, key, std::move(message)});
}

pb::Reservation Engine::ReservationOf(const Work& work, pb::Reservation::State state) const {
  pb::Reservation out;
  out.set_name(work.view().reservation());
  out.set_version(work.record.reservation_version());
  out.set_state(state);
  out.set_interaction(work.view().name());
  out.set_agent(work.view().agent());
  *out.mutable_create_time() = work.view().offer_time();
  if (work.record.offer_deadline() != 0)
    *out.mutable_expire_time() = ToProto(At(work.record.offer_deadline()));
  return out;
}

// ---- configuration
// ------------------------------------------------------------------------------------------

Result<std::string> Engine::ResolveSkill(std::string_view name) const {
  const auto id = IdPart(name);
  if (s_->skills.contains(id)) return std::string(id);
  if (const auto code = s_->skill_codes.find(id); code != s_->skill_codes.end()) return code->second;
  return errors::Unknown("SKILL", name);
}

Result<std::string> Engine::ResolveQueue(std::string_view name) const {
  const auto id = IdPart(name);
  if (s_->queues.contains(id)) return std::string(id);
  if (const auto code = s_->queue_codes.find(id); code != s_->queue_codes.end()) return code->second;
  return errors::Unknown("QUEUE", name);
}

void Engine::RulesChanged(bool pools) {
  ++rule_version_;
  s_->dirty_counters = true;
  s_->delays.clear();
  s_->entries.clear();
  for (const auto& [id, profile] : s_->profiles) {
    auto& entries = s_->entries[id];
    for (const auto& entry : profile.entries()) {
      const std::string queue(IdPart(entry.queue()));
      const Duration delay = FromProto(entry.delay());
      entries[queue] = {std::max(1, entry.priority()), delay};
      if (delay > Duration{0}) s_->delays[queue].insert(delay);
    }
  }
  if (!pools) return;
  RebuildPools();
  Rematch();
  for (const auto& [id, queue] : s_->queues) TouchQueue(id);
}

namespace {
/// Common to all configuration: exists, version, code.
template <class T>
Result<void> MayPut(const std::map<std::string, T, std::less<>>& all,
                    const std::map<std::string, std::string, std::less<>>& codes, const T& in,
                    const pb::Command& command, const char* thing) {
  const std::string id(IdPart(in.name()));
  const auto old = all.find(id);
  if (command.create() && old != all.end()) return errors::Exists(thing, in.name());
  if (!command.create() && old == all.end()) return errors::Unknown(thing, in.name());
  if (old != all.end() && !command.expected_etag().empty() && command.expected_etag() != old->second.etag())
    return errors::Stale(in.name());
  if (const auto code = codes.find(in.code()); code != codes.end() && code->second != id)
    return errors::CodeTaken(in.code());
  return Ok();
}

template <class T>
Result<void> MayDelete(const std::map<std::string, T, std::less<>>& all, const std::string& id,
                       const pb::Command& command, const char* thing) {
  const auto old = all.find(id);
  if (old == all.end()) return errors::Unknown(thing, id);
  if (!command.expected_etag().empty() && command.expected_etag() != old->second.etag())
    return errors::Stale(id);
  return Ok();
}

template <class T>
void Recode(std::map<std::string, std::string, std::less<>>& codes,
            const std::map<std::string, T, std::less<>>& all, const T& in) {
  const std::string id(IdPart(in.name()));
  if (const auto old = all.find(id); old != all.end()) codes.erase(old->second.code());
  codes[in.code()] = id;
}
}  // namespace

Result<void> Engine::PutQueue(const pb::Queue& in, const pb::Command& command) {
  TRY_VOID(MayPut(s_->queues, s_->queue_codes, in, command, "QUEUE"));
  pb::Queue queue = in;
  const std::string id(IdPart(in.name()));
  for (auto& need : *queue.mutable_required_skills()) {
    TRY(const auto skill, ResolveSkill(need.skill()));
    need.set_skill(NameOf("skills", skill));
  }
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
  Recode(s_->queue_codes, s_->queues, queue);
  s_->queues[id] = queue;
  s_->lines[id];
  *out_.records.add_transitions()->mutable_queue() = queue;
  if (!s_->figures.contains(id)) TouchFigures(id);
  RulesChanged(true);
  out_.answer = CopyOf(queue);
  return Ok();
}

Result<void> Engine::PutSkill(const pb::Skill& in, const pb::Command& command) {
  TRY_VOID(MayPut(s_->skills, s_->skill_codes, in, command, "SKILL"));
  Recode(s_->skill_codes, s_->skills, in);
  s_->skills[std::string(IdPart(in.name()))] = in;
  *out_.records.add_transitions()->mutable_skill() = in;
  RulesChanged(false);
  out_.answer = CopyOf(in);
  return Ok();
}

Result<void> Engine::PutProfile(const pb::RoutingProfile& in, const pb::Command& command) {
  TRY_VOID(MayPut(s_->profiles, s_->profile_codes, in, command, "ROUTING_PROFILE"));
  pb::RoutingProfile profile = in;
  std::set<std::string> seen;
  for (auto& entry : *profile.mutable_entries()) {
    TRY(const auto queue, ResolveQueue(entry.queue()));
    if (!seen.insert(queue).second)
      return InvalidArgument("QUEUE_TWICE", "A queue is in a routing profile once.",
                             {{"routing_profile.entries", "queue twice"}});
    entry.set_queue(NameOf("queues", queue));
  }
  Recode(s_->profile_codes, s_->profiles, profile);
  s_->profiles[std::string(IdPart(in.name()))] = profile;
  *out_.records.add_transitions()->mutable_routing_profile() = profile;
  RulesChanged(true);
  out_.answer = CopyOf(profile);
  return Ok();
}

Result<void> Engine::PutAgent(const pb::Agent& in, const pb::Command& command) {
  TRY_VOID(MayPut(s_->agents, s_->agent_codes, in, command, "AGENT"));
  pb::Agent agent = in;
  const auto profile_id = IdPart(in.routing_profile());
  if (const auto code = s_->profile_codes.find(profile_id); code != s_->profile_codes.end())
    agent.set_routing_profile(NameOf("routingProfiles", code->second));
  else if (!s_->profiles.contains(profile_id))
    return errors::Unknown("ROUTING_PROFILE", in.routing_profile());
  std::set<std::string> seen;
  for (auto& held : *agent.mutable_skills()) {
    TRY(const auto skill, ResolveSkill(held.skill()));
    if (!seen.insert(skill).second)
      return InvalidArgument("SKILL_TWICE", "An agent holds a skill once.",
                             {{"agent.skills", "skill twice"}});
    held.set_skill(NameOf("skills", skill));
  }
  const std::string id(IdPart(in.name()));
  Recode(s_->agent_codes, s_->agents, agent);
  s_->agents[id] = agent;
  *out_.records.add_transitions()->mutable_agent() = agent;
  RulesChanged(s_->sessions.contains(id));
  out_.answer = CopyOf(agent);
  return Ok();
}

Result<void> Engine::DeleteQueue(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(s_->queues, id, command, "QUEUE"));
  const auto name = NameOf("queues", id);
  for (const auto& [other, profile] : s_->profiles)
    for (const auto& entry : profile.entries())
      if (entry.queue() == name) return errors::InUse("QUEUE", name, profile.name());
  for (const auto& [other, queue] : s_->queues)
    for (const auto& step : queue.overflow())
      if (step.add_queue() == name) return errors::InUse("QUEUE", name, queue.name());
  for (const auto& [work_id, work] : s_->works)
    if (work->view().queue() == name) return errors::InUse("QUEUE", name, work->view().name());
  s_->queue_codes.erase(s_->queues[id].code());
  s_->queues.erase(id);
  s_->lines.erase(id);
  s_->figures.erase(id);
  out_.records.add_transitions()->set_queue_deleted(id);
  RulesChanged(true);
  return Ok();
}

Result<void> Engine::DeleteSkill(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(s_->skills, id, command, "SKILL"));
  const auto name = NameOf("skills", id);
  const auto needs = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& need) { return need.skill() == name; });
  };
  for (const auto& [other, queue] : s_->queues)
    if (needs(queue.required_skills()) ||
        std::any_of(queue.overflow().begin(), queue.overflow().end(),
                    [&](const auto& step) { return step.drop_skill() == name; }))
      return errors::InUse("SKILL", name, queue.name());
  for (const auto& [other, agent] : s_->agents)
    if (needs(agent.skills())) return errors::InUse("SKILL", name, agent.name());
  for (const auto& [work_id, work] : s_->works)
    if (needs(work->view().required_skills())) return errors::InUse("SKILL", name, work->view().name());
  s_->skill_codes.erase(s_->skills[id].code());
  s_->skills.erase(id);
  out_.records.add_transitions()->set_skill_deleted(id);
  RulesChanged(false);
  return Ok();
}

Result<void> Engine::DeleteProfile(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(s_->profiles, id, command, "ROUTING_PROFILE"));
  const auto name = NameOf("routingProfiles", id);
  for (const auto& [other, agent] : s_->agents)
    if (agent.routing_profile() == name) return errors::InUse("ROUTING_PROFILE", name, agent.name());
  s_->profile_codes.erase(s_->profiles[id].code());
  s_->profiles.erase(id);
  out_.records.add_transitions()->set_routing_profile_deleted(id);
  RulesChanged(true);  // its delays are nobody's any more
  return Ok();
}

Result<void> Engine::DeleteAgent(const std::string& id, const pb::Command& command) {
  TRY_VOID(MayDelete(s_->agents, id, command, "AGENT"));
  if (s_->sessions.contains(id)) return errors::SignedIn(id, s_->sessions[id]->view().seat());
  s_->agent_codes.erase(s_->agents[id].code());
  s_->agents.erase(id);
  out_.records.add_transitions()->set_agent_deleted(id);
  RulesChanged(false);
  return Ok();
}

// ---- sessions
// -----------------------------------------------------------------------------------------------

/// The session's state from now on; says so in an event, sums the interval that ended.
void Engine::Enter(Session& session, pb::AgentSession::State to, const std::string& reason) {
  auto& view = session.view();
  const auto from = view.state();
  const auto from_reason = view.reason();
  if (from == to && from_reason == reason) return;
  LeaveReady(session);
  const auto since = view.has_state_time() ? FromProto(view.state_time()) : now_;
  const Duration length = now_ - since;
  switch (from) {
    case pb::AgentSession::NOT_READY:
      AddTo(view.mutable_not_ready_duration(), length);
      break;
    case pb::AgentSession::READY:
      AddTo(view.mutable_ready_duration(), length);
      break;
    case pb::AgentSession::RESERVED:
      AddTo(view.mutable_reserved_duration(), length);
      break;
    case pb::AgentSession::BUSY:
      AddTo(view.mutable_busy_duration(), length);
      break;
    case pb::AgentSession::WRAPPING:
      AddTo(view.mutable_wrapping_duration(), length);
      break;
    default:
      break;
  }
  view.set_state(to);
  view.set_reason(reason);
  *view.mutable_state_time() = ToProto(now_);
  if (to == pb::AgentSession::SIGNED_OUT) *view.mutable_end_time() = ToProto(now_);
  session.record.set_changes(session.record.changes() + 1);
  view.set_etag(std::to_string(session.record.changes()));
  EnterReady(session);
  for (const Pool* pool : session.pools) TouchQueue(pool->queue);
  Touch(session);
  auto event = std::make_shared<pb::AgentStateChanged>();
  event->set_agent(view.agent());
  *event->mutable_session() = view;
  event->set_from(from == pb::AgentSession::STATE_UNSPECIFIED ? pb::AgentSession::SIGNED_OUT : from);
  event->set_to(to);
  event->set_from_reason(from_reason);
  event->set_reason(reason);
  *event->mutable_since() = ToProto(since);
  *event->mutable_until() = ToProto(now_);
  event->set_actor(actor_);
  event->set_change(session.record.changes());
  Publish(Event::Aggregate::kAgent, session.agent, event);
}

Result<void> Engine::SignIn(const pb::SignInCommand& in) {
  const auto agent = s_->agents.find(in.agent());
  if (agent == s_->agents.end()) return errors::Unknown("AGENT", NameOf("agents", in.agent()));
  if (const auto open = s_->sessions.find(in.agent()); open != s_->sessions.end()) {
    const auto& view = open->second->view();
    if (view.seat() != in.seat() || view.extension() != in.extension())
      return errors::SignedIn(in.agent(), view.seat());
    out_.answer = CopyOf(view);
    return Ok();
  }
  if (agent->second.disabled())
    return FailedPrecondition("AGENT_DISABLED", "The agent is disabled.",
                              {{"agent", NameOf("agents", in.agent())}});
  if (const auto seat = s_->seats.find(in.seat()); seat != s_->seats.end())
    return AlreadyExists("SEAT_TAKEN", "Another agent sits there.",
                         {{"seat", in.seat()}, {"agent", NameOf("agents", seat->second)}});
  auto made = std::make_unique<Session>();
  Session& session = *made;
  session.agent = in.agent();
  auto& view = session.view();
  view.set_name(NameOf("agentSessions", in.session()));
  view.set_agent(NameOf("agents", in.agent()));
  view.set_agent_code(agent->second.code());
  view.set_seat(in.seat());
  view.set_extension(in.extension());
  view.set_desk_connected(in.desk_connected());
  *view.mutable_create_time() = ToProto(now_);
  s_->sessions.emplace(in.agent(), std::move(made));
  s_->seats[in.seat()] = in.agent();
  FindPools(session);
  Enter(session, pb::AgentSession::NOT_READY, "SIGNED_IN");
  out_.answer = CopyOf(view);
  return Ok();
}

void Engine::Remove(Session& session) {
  CARILLON_CHECK(session.work == nullptr);
  Enter(session, pb::AgentSession::SIGNED_OUT, "");
  ReleaseHeld(session);
  for (Pool* pool : session.pools) --pool->qualified;
  s_->seats.erase(session.view().seat());
  *out_.records.add_transitions()->mutable_session() = session.record;
  s_->dirty_sessions.erase(&session);
  s_->sessions.erase(std::string(session.agent));
}

Result<void> Engine::SignOut(const pb::SignOutCommand& in) {
  const auto found = s_->sessions.find(in.agent());
  if (found == s_->sessions.end()) return errors::NotSignedIn(in.agent());
  if (found->second->work != nullptr)
    return FailedPrecondition("AGENT_BUSY", "Sign-out is for READY or NOT_READY agents.",
                              {{"state", pb::AgentSession::State_Name(found->second->view().state())},
                               {"allowed", "READY,NOT_READY"}});
  Session& session = *found->second;
  auto after = CopyOf(session.view());
  after->set_state(pb::AgentSession::SIGNED_OUT);
  *after->mutable_end_time() = ToProto(now_);
  Remove(session);
  out_.answer = after;
  return Ok();
}

Result<void> Engine::SetStatus(const pb::SetStatusCommand& in) {
  const auto found = s_->sessions.find(in.agent());
  if (found == s_->sessions.end()) return errors::NotSignedIn(in.agent());
  Session& session = *found->second;
  if (in.status() == pb::NOT_READY && in.reason().empty())
    return InvalidArgument("REASON_MISSING", "NOT_READY needs a reason.",
                           {{"reason", "required with NOT_READY"}});
  auto& view = session.view();
  if (session.work != nullptr) {
    view.set_pending_status(in.status());
    view.set_pending_reason(in.status() == pb::READY ? "" : in.reason());
    session.record.set_pending_by_system(false);
    Touch(session);
    if (in.status() != pb::READY) ReleaseHeld(session);
    out_.answer = CopyOf(view);
    return Ok();
  }
  if (in.status() == pb::SIGNED_OUT) {
    auto after = CopyOf(view);
    after->set_state(pb::AgentSession::SIGNED_OUT);
    *after->mutable_end_time() = ToProto(now_);
    Remove(session);
    out_.answer = after;
    return Ok();
  }
  if (in.status() == pb::READY) {
    if (view.state() != pb::AgentSession::READY) {
      session.record.set_idle_since(Micros(now_));
      view.set_no_answers(0);
      Enter(session, pb::AgentSession::READY, "");
      Take(session);
    }
  } else {
    Enter(session, pb::AgentSession::NOT_READY, in.reason());
    ReleaseHeld(session);
  }
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::DeskConnected(const std::string& agent) {
  const auto found = s_->sessions.find(agent);
  if (found == s_->sessions.end() || found->second->view().desk_connected()) return Ok();
  Session& session = *found->second;
  session.view().set_desk_connected(true);
  if (session.record.pending_by_system()) {
    session.record.set_pending_by_system(false);
    session.view().clear_pending_status();
    session.view().clear_pending_reason();
  }
  Touch(session);
  EnterReady(session);
  Take(session);
  return Ok();
}

Result<void> Engine::DeskLost(const std::string& agent) {
  const auto found = s_->sessions.find(agent);
  if (found == s_->sessions.end() || !found->second->view().desk_connected()) return Ok();
  Session& session = *found->second;
  LeaveReady(session);
  session.view().set_desk_connected(false);
  Touch(session);
  for (const Pool* pool : session.pools) TouchQueue(pool->queue);
  if (session.view().state() == pb::AgentSession::RESERVED) {
    Work& work = *session.work;
    const auto idle = work.record.idle_before_offer();
    Requeue(work, pb::Reservation::RESCINDED, pb::Decision::RETURNED);
    AfterWork(session, idle);
    if (work.view().state() == pb::Interaction::QUEUED) Seek(work, "work");
  }
  if (const auto again = s_->sessions.find(agent); again != s_->sessions.end()) ReleaseHeld(*again->second);
  return Ok();
}

Result<void> Engine::DeskExpired(const std::string& agent) {
  const auto found = s_->sessions.find(agent);
  if (found == s_->sessions.end() || found->second->view().desk_connected()) return Ok();
  Session& session = *found->second;
  if (session.work == nullptr) {
    Remove(session);
    return Ok();
  }
  session.view().set_pending_status(pb::SIGNED_OUT);
  session.view().clear_pending_reason();
  session.record.set_pending_by_system(true);
  Touch(session);
  return Ok();
}

/// The agent's hands are free: the pending status, else READY and the best work. `idle_since` 0 = from now
/// on.
void Engine::AfterWork(Session& session, std::int64_t idle_since) {
  session.work = nullptr;
  auto& view = session.view();
  view.clear_interaction();
  const auto pending = view.pending_status();
  const auto reason = view.pending_reason();
  view.clear_pending_status();
  view.clear_pending_reason();
  session.record.set_pending_by_system(false);
  Touch(session);
  if (pending == pb::SIGNED_OUT) {
    Remove(session);
  } else if (pending == pb::NOT_READY) {
    Enter(session, pb::AgentSession::NOT_READY, reason);
    ReleaseHeld(session);
  } else {
    session.record.set_idle_since(idle_since == 0 ? Micros(now_) : idle_since);
    Enter(session, pb::AgentSession::READY, "");
    Take(session);
  }
}

// ---- interactions
// -------------------------------------------------------------------------------------------

Result<void> Engine::CreateInteraction(const pb::Interaction& in) {
  const std::string id(IdPart(in.name()));
  if (s_->works.contains(id)) return errors::Exists("INTERACTION", in.name());
  TRY(const auto queue_id, ResolveQueue(in.queue()));
  const auto& queue = s_->queues[queue_id];
  if (queue.closed())
    return FailedPrecondition("QUEUE_CLOSED", "The queue takes no new work now.", {{"queue", queue.name()}});
  auto& line = s_->lines[queue_id];
  if (queue.max_length() > 0 && line.tree.size() + static_cast<std::size_t>(line.reserved) >=
                                    static_cast<std::size_t>(queue.max_length()))
    return [&] {
      auto full = ResourceExhausted("QUEUE_FULL", "The queue is full.");
      full.metadata["queue"] = queue.name();
      return full;
    }();
  auto made = std::make_unique<Work>();
  Work& work = *made;
  work.id = id;
  auto& view = work.view();
  view = in;
  for (auto& need : *view.mutable_required_skills()) {
    TRY(const auto skill, ResolveSkill(need.skill()));
    need.set_skill(NameOf("skills", skill));
  }
  view.set_queue(queue.name());
  if (view.client().empty()) view.set_client(queue.client());
  if (view.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED) view.set_channel(carillon::type::v1::VOICE);
  if (view.direction() == pb::Interaction::DIRECTION_UNSPECIFIED)
    view.set_direction(pb::Interaction::INBOUND);
  if (view.priority() == 0)
    view.set_priority(queue.default_priority() == 0 ? kDefaultPriority : queue.default_priority());
  view.set_state(pb::Interaction::CREATED);
  *view.mutable_create_time() = ToProto(now_);
  *view.mutable_queue_time() = ToProto(now_);
  const int bonus = BonusOf(queue, view.grade(), view.elderly());
  work.record.set_bonus_seconds(bonus);
  work.record.set_sequence(++sequence_);
  s_->dirty_counters = true;
  work.record.set_effective_arrival(Micros(now_ - std::chrono::seconds{bonus}));
  work.key = {view.priority(), work.record.effective_arrival(), work.record.sequence()};
  s_->works.emplace(id, std::move(made));
  auto& figures = s_->figures[queue_id];
  figures.set_offered(figures.offered() + 1);
  TouchFigures(queue_id);

  // The agent who knows the customer: at once when ready, a little patience when busy.
  Session* last = nullptr;
  if (!view.last_agent().empty()) {
    const auto found = s_->sessions.find(IdPart(view.last_agent()));
    if (found != s_->sessions.end() &&
        Qualified(*found->second, PoolFor(queue_id, Requirements(work, queue))))
      last = found->second.get();
  }
  view.set_state(pb::Interaction::QUEUED);
  *view.mutable_update_time() = ToProto(now_);
  auto event = std::make_shared<pb::InteractionCreated>();
  *event->mutable_interaction() = Published(view);
  Publish(Event::Aggregate::kInteraction, id, event);
  Enqueue(work);
  const Duration patience =
      Or(queue.has_last_agent_patience(), queue.last_agent_patience(), kLastAgentPatience);
  if (last != nullptr && last->available() &&
      Visible(*last, PoolFor(queue_id, Requirements(work, queue)), work)) {
    Offer(work, *last, "work", "LAST_AGENT");
  } else if (last != nullptr && last->view().desk_connected() && last->work != nullptr &&
             last->view().pending_status() != pb::NOT_READY &&
             last->view().pending_status() != pb::SIGNED_OUT && patience > Duration{0}) {
    LeavePools(work);
    work.held_by = last;
    last->held.insert(&work);
    work.record.set_hold_deadline(Micros(now_ + patience));
    work.record.set_checked(Micros(now_));
    Note(work, pb::Decision::HELD_FOR_LAST_AGENT, "work").set_agent(view.last_agent());
    Touch(work);
    Arm(work);
  } else {
    Seek(work, "work");
  }
  auto answer = std::make_shared<pb::Interaction>(*FindInteraction(id));
  out_.answer = answer;
  return Ok();
}

/// Into the line of its queue and the pools; the state is QUEUED already.
void Engine::Enqueue(Work& work) {
  const std::string queue(IdPart(work.view().queue()));
  auto& line = s_->lines[queue];
  line.tree.insert({work.key, work.id});
  line.by_time.insert({Micros(FromProto(work.view().queue_time())), work.id});
  work.in_line = true;
  work.record.set_checked(Micros(now_));
  JoinPools(work);
  TouchQueue(queue);
  Touch(work);
}

void Engine::Offer(Work& work, Session& session, const char* trigger, const char* strategy) {
  CARILLON_CHECK(session.available() && session.work == nullptr &&
                 work.view().state() == pb::Interaction::QUEUED);
  const std::string queue_id(IdPart(work.view().queue()));
  auto& note = Note(work, pb::Decision::OFFERED, trigger);
  note.set_agent(NameOf("agents", session.agent));
  note.set_strategy(strategy);
  *note.mutable_idle_duration() = ToProto(now_ - At(session.record.idle_since()));
  int score = 0;
  const auto& queue = s_->queues[queue_id];
  for (const auto& need : Requirements(work, queue))
    for (const auto& held : s_->agents[session.agent].skills())
      if (IdPart(held.skill()) == need.first) score += held.level();
  note.set_skill_score(score);

  if (work.held_by != nullptr) {
    work.held_by->held.erase(&work);
    work.held_by = nullptr;
    work.record.set_hold_deadline(0);
  }
  LeavePools(work);
  auto& line = s_->lines[queue_id];
  line.tree.erase(work.key);
  line.by_time.erase({Micros(FromProto(work.view().queue_time())), work.id});
  work.in_line = false;
  ++line.reserved;
  auto& view = work.view();
  work.record.set_reservation_version(work.record.reservation_version() + 1);
  const auto reservation =
      DerivedId("reservation", work.id + "/" + std::to_string(work.record.reservation_version()));
  view.set_state(pb::Interaction::RESERVED);
  view.set_reservation(NameOf("reservations", reservation));
  view.set_agent(session.view().agent());
  view.set_agent_session(session.view().name());
  view.set_extension(session.view().extension());
  view.set_offers(view.offers() + 1);
  *view.mutable_offer_time() = ToProto(now_);
  *view.mutable_update_time() = ToProto(now_);
  work.record.set_offer_deadline(
      Micros(now_ + Or(queue.has_offer_timeout(), queue.offer_timeout(), kOfferTimeout)));
  work.record.set_idle_before_offer(session.record.idle_since());
  work.session = &session;
  session.work = &work;
  session.record.set_last_offer(Micros(now_));
  session.view().set_interaction(view.name());
  s_->reservations[reservation] = &work;
  Enter(session, pb::AgentSession::RESERVED, "");
  Touch(work);
  TouchQueue(queue_id);
  auto event = std::make_shared<pb::InteractionOffered>();
  *event->mutable_interaction() = Published(view);
  *event->mutable_reservation() = ReservationOf(work, pb::Reservation::PENDING);
  Publish(Event::Aggregate::kInteraction, work.id, event);
  Arm(work);
}

/// An offer (or a connection that failed) comes back: the work waits at its old place. Does not look for an
/// agent.
void Engine::Requeue(Work& work, pb::Reservation::State how, pb::Decision::Kind kind) {
  const std::string queue_id(IdPart(work.view().queue()));
  auto& view = work.view();
  const auto ended = ReservationOf(work, how);
  Note(work, kind, "agent").set_agent(view.agent());
  auto& line = s_->lines[queue_id];
  if (view.state() == pb::Interaction::RESERVED) {
    --line.reserved;
    s_->reservations.erase(std::string(IdPart(view.reservation())));
  } else {
    --line.in_service;
  }
  if (how == pb::Reservation::TIMED_OUT) view.set_unanswered_offers(view.unanswered_offers() + 1);
  work.session = nullptr;
  work.record.set_offer_deadline(0);
  work.record.set_idle_before_offer(0);
  view.set_state(pb::Interaction::QUEUED);
  view.clear_reservation();
  view.clear_agent();
  view.clear_agent_session();
  view.clear_extension();
  view.clear_accept_time();
  *view.mutable_update_time() = ToProto(now_);
  Enqueue(work);
  auto event = std::make_shared<pb::InteractionRequeued>();
  *event->mutable_interaction() = Published(view);
  *event->mutable_reservation() = ended;
  Publish(Event::Aggregate::kInteraction, work.id, event);
}

namespace {
void Refuse(pb::InteractionRecord& record, const std::string& agent, TimePoint until, TimePoint now) {
  auto& list = *record.mutable_refusals();
  for (int i = list.size() - 1; i >= 0; --i)
    if (list[i].until() <= Micros(now) || list[i].agent() == agent) list.DeleteSubrange(i, 1);
  auto& made = *list.Add();
  made.set_agent(agent);
  made.set_until(Micros(until));
}
}  // namespace

Result<void> Engine::Accept(const pb::AnswerCommand& in) {
  const auto found = s_->reservations.find(in.reservation());
  if (found == s_->reservations.end()) {
    // The same answer again is no error.
    const auto session = s_->sessions.find(in.agent());
    if (session != s_->sessions.end() && session->second->work != nullptr) {
      const Work& work = *session->second->work;
      if (IdPart(work.view().reservation()) == in.reservation() &&
          work.record.reservation_version() == in.version() &&
          work.view().state() == pb::Interaction::ASSIGNED) {
        out_.answer = CopyOf(work.view());
        return Ok();
      }
    }
    return errors::ReservationGone(in.reservation());
  }
  Work& work = *found->second;
  if (work.record.reservation_version() != in.version() || work.session->agent != in.agent())
    return errors::ReservationGone(in.reservation());
  Session& session = *work.session;
  const std::string queue_id(IdPart(work.view().queue()));
  const auto accepted = ReservationOf(work, pb::Reservation::ACCEPTED);
  s_->reservations.erase(found);
  auto& line = s_->lines[queue_id];
  --line.reserved;
  ++line.in_service;
  auto& view = work.view();
  view.set_state(pb::Interaction::ASSIGNED);
  *view.mutable_accept_time() = ToProto(now_);
  *view.mutable_update_time() = ToProto(now_);
  *view.mutable_wait_duration() = ToProto(now_ - FromProto(view.queue_time()));
  *view.mutable_ring_duration() = ToProto(now_ - FromProto(view.offer_time()));
  work.record.set_offer_deadline(0);
  session.view().set_no_answers(0);
  session.view().set_handled(session.view().handled() + 1);
  Enter(session, pb::AgentSession::BUSY, "");
  Touch(work);
  auto& figures = s_->figures[queue_id];
  figures.set_answered(figures.answered() + 1);
  if (InTime(s_->queues[queue_id], view)) figures.set_answered_in_time(figures.answered_in_time() + 1);
  TouchFigures(queue_id);
  auto event = std::make_shared<pb::InteractionAccepted>();
  *event->mutable_interaction() = Published(view);
  *event->mutable_reservation() = accepted;
  Publish(Event::Aggregate::kInteraction, work.id, event);
  if (!view.call().empty()) {
    auto task = std::make_shared<pb::ConnectAgentTask>();
    task->set_call(view.call());
    task->set_agent(view.agent());
    task->set_extension(view.extension());
    task->set_interaction(view.name());
    task->set_reservation(view.reservation());
    out_.tasks.push_back({view.call(), task});
  }
  Arm(work);
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::Reject(const pb::AnswerCommand& in) {
  const auto found = s_->reservations.find(in.reservation());
  if (found == s_->reservations.end()) return errors::ReservationGone(in.reservation());
  Work& work = *found->second;
  if (work.record.reservation_version() != in.version() || work.session->agent != in.agent())
    return errors::ReservationGone(in.reservation());
  Session& session = *work.session;
  const auto& queue = s_->queues[std::string(IdPart(work.view().queue()))];
  Refuse(work.record, session.agent,
         now_ + Or(queue.has_refusal_delay(), queue.refusal_delay(), kRefusalDelay), now_);
  Requeue(work, pb::Reservation::REJECTED, pb::Decision::REFUSED);
  Seek(work, "work");
  const auto agent = session.agent;
  AfterWork(session, 0);
  if (const auto still = s_->sessions.find(agent); still != s_->sessions.end())
    out_.answer = CopyOf(still->second->view());
  return Ok();
}

Result<void> Engine::MediaConnected(const pb::MediaCommand& in) {
  const auto found = s_->works.find(in.interaction());
  if (found == s_->works.end()) return errors::Unknown("INTERACTION", in.interaction());
  Work& work = *found->second;
  auto& view = work.view();
  const bool mine = in.reservation().empty() || in.reservation() == IdPart(view.reservation());
  if (view.state() == pb::Interaction::ASSIGNED && mine && !view.has_connect_time()) {
    const auto at = in.has_time() ? FromProto(in.time()) : now_;
    *view.mutable_connect_time() = ToProto(std::clamp(at, FromProto(view.accept_time()), now_));
    *view.mutable_update_time() = ToProto(now_);
    Touch(work);
  }
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::MediaFailed(const pb::MediaCommand& in) {
  const auto found = s_->works.find(in.interaction());
  if (found == s_->works.end()) return errors::Unknown("INTERACTION", in.interaction());
  Work& work = *found->second;
  if (work.view().state() == pb::Interaction::ASSIGNED &&
      in.reservation() == IdPart(work.view().reservation()) && !work.view().has_connect_time()) {
    Session& session = *work.session;
    const std::string queue_id(IdPart(work.view().queue()));
    auto& figures = s_->figures[queue_id];
    figures.set_answered(figures.answered() - 1);
    if (InTime(s_->queues[queue_id], work.view()))
      figures.set_answered_in_time(figures.answered_in_time() - 1);
    TouchFigures(queue_id);
    session.view().set_handled(session.view().handled() - 1);
    work.view().clear_wait_duration();
    work.view().clear_ring_duration();
    Requeue(work, pb::Reservation::RESCINDED, pb::Decision::RETURNED);
    if (session.view().pending_status() != pb::SIGNED_OUT) {
      session.view().set_pending_status(pb::NOT_READY);
      session.view().set_pending_reason("PHONE_FAILED");
    }
    AfterWork(session, 0);
    if (work.view().state() == pb::Interaction::QUEUED) Seek(work, "work");
  }
  out_.answer = CopyOf(work.view());
  return Ok();
}

Result<void> Engine::MediaEnded(const pb::MediaCommand& in) {
  const auto found = s_->works.find(in.interaction());
  if (found == s_->works.end()) return errors::Unknown("INTERACTION", in.interaction());
  Work& work = *found->second;
  const auto ended = in.has_time() ? FromProto(in.time()) : now_;
  switch (work.view().state()) {
    case pb::Interaction::CREATED:
    case pb::Interaction::QUEUED:
    case pb::Interaction::RESERVED: {
      work.view().set_end_party(in.party().empty() ? "CUSTOMER" : in.party());
      work.view().set_end_cause(in.cause());
      *work.view().mutable_media_end_time() =
          ToProto(std::clamp(ended, FromProto(work.view().queue_time()), now_));
      Finish(work, pb::Interaction::ABANDONED);  // gives the answer; the work is gone
      return Ok();
    }
    case pb::Interaction::ASSIGNED:
      BeginWrap(work, ended, in);
      return Ok();
    default:
      out_.answer = CopyOf(work.view());
      return Ok();
  }
}

void Engine::BeginWrap(Work& work, TimePoint ended, const pb::MediaCommand& in) {
  auto& view = work.view();
  const auto accepted = FromProto(view.accept_time());
  ended = std::clamp(ended, accepted, now_);
  if (!view.has_connect_time()) *view.mutable_connect_time() = view.accept_time();
  const auto connected = std::min(FromProto(view.connect_time()), ended);
  *view.mutable_connect_time() = ToProto(connected);
  if (view.has_hold_time()) {
    AddTo(view.mutable_hold_duration(), std::max(Duration{0}, ended - FromProto(view.hold_time())));
    view.clear_hold_time();
  }
  if (in.has_hold_duration()) *view.mutable_hold_duration() = in.hold_duration();
  const auto held = std::min(FromProto(view.hold_duration()), ended - connected);
  *view.mutable_hold_duration() = ToProto(held);
  *view.mutable_talk_duration() = ToProto(ended - connected - held);
  *view.mutable_media_end_time() = ToProto(ended);
  *view.mutable_update_time() = ToProto(now_);
  view.set_end_party(in.party().empty() ? "CUSTOMER" : in.party());
  view.set_end_cause(in.cause());
  const auto& queue = s_->queues[std::string(IdPart(view.queue()))];
  const Duration wrap = Or(queue.has_wrap_up(), queue.wrap_up(), kWrapUp);
  if (wrap <= Duration{0}) {
    Finish(work, pb::Interaction::COMPLETED);
    return;
  }
  view.set_state(pb::Interaction::WRAPPING);
  work.record.set_wrap_deadline(Micros(now_ + wrap));
  Touch(work);
  Enter(*work.session, pb::AgentSession::WRAPPING, "");
  Arm(work);
  out_.answer = CopyOf(view);
}

/// The end: the last record goes out, the work leaves memory, the agent is free.
void Engine::Finish(Work& work, pb::Interaction::State state) {
  auto& view = work.view();
  const std::string queue_id(IdPart(view.queue()));
  auto& line = s_->lines[queue_id];
  Session* session = work.session;
  std::int64_t idle = 0;
  Disarm(work);
  const auto before = view.state();
  if (before == pb::Interaction::QUEUED) {
    if (work.held_by != nullptr) work.held_by->held.erase(&work);
    LeavePools(work);
    line.tree.erase(work.key);
    line.by_time.erase({Micros(FromProto(view.queue_time())), work.id});
  } else if (before == pb::Interaction::RESERVED) {
    s_->reservations.erase(std::string(IdPart(view.reservation())));
    --line.reserved;
    idle = work.record.idle_before_offer();
    *view.mutable_ring_duration() = ToProto(now_ - FromProto(view.offer_time()));
  } else {
    --line.in_service;
  }
  view.set_state(state);
  *view.mutable_end_time() = ToProto(now_);
  *view.mutable_update_time() = ToProto(now_);
  work.record.set_offer_deadline(0);
  work.record.set_wrap_deadline(0);
  work.record.set_hold_deadline(0);
  auto& figures = s_->figures[queue_id];
  if (state == pb::Interaction::COMPLETED) {
    *view.mutable_wrap_duration() = ToProto(now_ - FromProto(view.media_end_time()));
    const auto handled = (now_ - FromProto(view.accept_time())).count();
    figures.set_handle_time(figures.handle_time() == 0 ? handled : (figures.handle_time() * 7 + handled) / 8);
    auto event = std::make_shared<pb::InteractionCompleted>();
    *event->mutable_interaction() = Published(view);
    Publish(Event::Aggregate::kInteraction, work.id, event);
  } else {
    // The agent of an offer nobody took is not the agent of the interaction.
    view.clear_agent();
    view.clear_agent_session();
    view.clear_extension();
    view.clear_reservation();
    const auto until = view.has_media_end_time() ? FromProto(view.media_end_time()) : now_;
    *view.mutable_wait_duration() = ToProto(until - FromProto(view.queue_time()));
    if (state == pb::Interaction::ABANDONED) {
      figures.set_abandoned(figures.abandoned() + 1);
      auto event = std::make_shared<pb::InteractionAbandoned>();
      *event->mutable_interaction() = Published(view);
      Publish(Event::Aggregate::kInteraction, work.id, event);
    } else {
      auto event = std::make_shared<pb::InteractionCanceled>();
      *event->mutable_interaction() = Published(view);
      Publish(Event::Aggregate::kInteraction, work.id, event);
    }
  }
  TouchFigures(queue_id);
  *out_.records.add_transitions()->mutable_interaction() = work.record;
  out_.answer = CopyOf(view);
  s_->dirty_works.erase(&work);
  s_->works.erase(std::string(work.id));
  if (session != nullptr) AfterWork(*session, idle);
}

Result<void> Engine::CancelInteraction(const pb::EndCommand& in) {
  const auto found = s_->works.find(in.interaction());
  if (found == s_->works.end()) return errors::Unknown("INTERACTION", in.interaction());
  Work& work = *found->second;
  if (work.view().state() == pb::Interaction::ASSIGNED || work.view().state() == pb::Interaction::WRAPPING)
    return FailedPrecondition("INTERACTION_ASSIGNED", "An agent has the work.",
                              {{"state", pb::Interaction::State_Name(work.view().state())}});
  work.view().set_end_party("SYSTEM");
  work.view().set_end_cause(in.reason());
  Finish(work, pb::Interaction::CANCELED);
  return Ok();
}

Result<Engine::Work*> Engine::OwnWork(const std::string& agent, const std::string& interaction) {
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end()) return errors::Unknown("INTERACTION", interaction);
  Work* work = found->second.get();
  if (work->session == nullptr || work->session->agent != agent)
    return PermissionDenied("INTERACTION_NOT_YOURS", "Another agent, or nobody, has the work.");
  return work;
}

Result<void> Engine::Hold(const pb::WorkCommand& in) {
  TRY(Work * work, OwnWork(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.state() != pb::Interaction::ASSIGNED) return errors::NotLive(view);
  if (!view.has_hold_time()) {
    *view.mutable_hold_time() = ToProto(now_);
    *view.mutable_update_time() = ToProto(now_);
    Touch(*work);
    auto task = std::make_shared<pb::HoldCallTask>();
    task->set_call(view.call());
    task->set_hold(true);
    task->set_interaction(view.name());
    task->set_time(Micros(now_));
    if (!view.call().empty()) out_.tasks.push_back({view.call(), task});
  }
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::Retrieve(const pb::WorkCommand& in) {
  TRY(Work * work, OwnWork(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.state() != pb::Interaction::ASSIGNED) return errors::NotLive(view);
  if (view.has_hold_time()) {
    AddTo(view.mutable_hold_duration(), now_ - FromProto(view.hold_time()));
    view.clear_hold_time();
    *view.mutable_update_time() = ToProto(now_);
    Touch(*work);
    auto task = std::make_shared<pb::HoldCallTask>();
    task->set_call(view.call());
    task->set_hold(false);
    task->set_interaction(view.name());
    task->set_time(Micros(now_));
    if (!view.call().empty()) out_.tasks.push_back({view.call(), task});
  }
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::Release(const pb::WorkCommand& in) {
  TRY(Work * work, OwnWork(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.state() != pb::Interaction::ASSIGNED) return errors::NotLive(view);
  if (view.call().empty()) {
    // Work without media ends by itself.
    pb::MediaCommand ended;
    ended.set_party("AGENT");
    ended.set_cause(in.reason());
    BeginWrap(*work, now_, ended);
    return Ok();
  }
  auto task = std::make_shared<pb::ReleaseCallTask>();
  task->set_call(view.call());
  task->set_cause(in.reason().empty() ? "AGENT_RELEASED" : in.reason());
  task->set_interaction(view.name());
  out_.tasks.push_back({view.call(), task});
  *view.mutable_update_time() = ToProto(now_);
  Touch(*work);
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::Complete(const pb::CompleteCommand& in) {
  TRY(Work * work, OwnWork(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.state() != pb::Interaction::WRAPPING)
    return FailedPrecondition("INTERACTION_LIVE", "The customer is still there.",
                              {{"state", pb::Interaction::State_Name(view.state())}});
  view.set_disposition(in.disposition());
  view.set_note(in.note());
  *view.mutable_work_orders() = in.work_orders();
  Finish(*work, pb::Interaction::COMPLETED);
  return Ok();
}

// ---- time
// ---------------------------------------------------------------------------------------------------

void Engine::Disarm(Work& work) {
  if (work.armed) s_->timers.erase({*work.armed, work.id});
  work.armed.reset();
}

/// The next moment something happens to the work by itself.
void Engine::Arm(Work& work) {
  Disarm(work);
  std::int64_t at = 0;
  const auto sooner = [&](std::int64_t candidate) {
    if (candidate > 0 && (at == 0 || candidate < at)) at = candidate;
  };
  switch (work.view().state()) {
    case pb::Interaction::QUEUED: {
      const auto queued = FromProto(work.view().queue_time());
      if (work.held_by != nullptr) sooner(work.record.hold_deadline());
      const auto& queue = s_->queues[std::string(IdPart(work.view().queue()))];
      if (work.record.steps() < queue.overflow_size())
        sooner(std::max(Micros(queued + FromProto(queue.overflow(work.record.steps()).after())),
                        work.record.checked()));
      for (const auto& refusal : work.record.refusals())
        if (refusal.until() > work.record.checked()) sooner(refusal.until());
      const auto delays = [&](const std::string& id) {
        const auto found = s_->delays.find(id);
        if (found == s_->delays.end()) return;
        for (const Duration delay : found->second)
          if (Micros(queued + delay) > work.record.checked()) {
            sooner(Micros(queued + delay));
            break;
          }
      };
      delays(std::string(IdPart(work.view().queue())));
      for (const auto& id : work.record.added_queues()) delays(id);
      break;
    }
    case pb::Interaction::RESERVED:
      sooner(work.record.offer_deadline());
      break;
    case pb::Interaction::WRAPPING:
      sooner(work.record.wrap_deadline());
      break;
    default:
      break;
  }
  if (at == 0) return;
  work.armed = At(at);
  s_->timers.insert({*work.armed, work.id});
}

std::optional<TimePoint> Engine::NextDeadline() const {
  if (s_->timers.empty()) return std::nullopt;
  return s_->timers.begin()->first;
}

Result<void> Engine::Tick(TimePoint now) {
  const auto before = now_;
  auto step = changed_;
  while (!s_->timers.empty() && s_->timers.begin()->first <= now) {
    const auto [at, id] = *s_->timers.begin();
    // Each deadline at its own time, so that durations do not depend on how often the owner looks.
    step = std::max(step, at);
    now_ = step;
    Work& work = *s_->works.at(id);
    Disarm(work);
    Fire(work);
  }
  now_ = before;
  return Ok();
}

void Engine::Fire(Work& work) {
  switch (work.view().state()) {
    case pb::Interaction::QUEUED: {
      const auto& queue = s_->queues[std::string(IdPart(work.view().queue()))];
      const auto queued = FromProto(work.view().queue_time());
      if (work.held_by != nullptr && work.record.hold_deadline() <= Micros(now_)) {
        EndHold(work, true);
      } else if (work.record.steps() < queue.overflow_size() &&
                 queued + FromProto(queue.overflow(work.record.steps()).after()) <= now_) {
        Widen(work, queue.overflow(work.record.steps()));
      } else {
        Seek(work, "step");
      }
      return;
    }
    case pb::Interaction::RESERVED: {
      Session& session = *work.session;
      const auto& queue = s_->queues[std::string(IdPart(work.view().queue()))];
      const auto agent = s_->agents.find(session.agent);
      const int limit = agent == s_->agents.end() ? 1 : std::max(1, agent->second.max_no_answer());
      Refuse(work.record, session.agent,
             now_ + Or(queue.has_refusal_delay(), queue.refusal_delay(), kRefusalDelay), now_);
      Requeue(work, pb::Reservation::TIMED_OUT, pb::Decision::NOT_ANSWERED);
      session.view().set_no_answers(session.view().no_answers() + 1);
      // What the agent chose meanwhile stands; else RONA.
      if (session.view().no_answers() >= limit && session.view().pending_status() != pb::NOT_READY &&
          session.view().pending_status() != pb::SIGNED_OUT) {
        session.view().set_pending_status(pb::NOT_READY);
        session.view().set_pending_reason("RONA");
      }
      Seek(work, "work");
      AfterWork(session, 0);
      return;
    }
    case pb::Interaction::WRAPPING:
      Finish(work, pb::Interaction::COMPLETED);
      return;
    default:
      return;
  }
}

/// Nobody held the shard for `gap`: offers and wrap-up are given it back.
Result<void> Engine::Resume(Duration gap) {
  if (gap <= Duration{0}) return Ok();
  for (const auto& [id, work] : s_->works) {
    if (work->record.offer_deadline() != 0)
      work->record.set_offer_deadline(work->record.offer_deadline() + gap.count());
    if (work->record.wrap_deadline() != 0)
      work->record.set_wrap_deadline(work->record.wrap_deadline() + gap.count());
    if (work->record.hold_deadline() != 0)
      work->record.set_hold_deadline(work->record.hold_deadline() + gap.count());
    Touch(*work);
    Arm(*work);
  }
  return Ok();
}

// ---- rebuilding
// ---------------------------------------------------------------------------------------------

void Engine::Put(const pb::Transition& record) {
  switch (record.record_case()) {
    case pb::Transition::kInteraction: {
      const std::string id(IdPart(record.interaction().interaction().name()));
      if (Final(record.interaction().interaction().state())) {
        s_->works.erase(id);
        break;
      }
      auto& work = s_->works[id];
      if (!work) work = std::make_unique<Work>();
      work->id = id;
      work->record = record.interaction();
      break;
    }
    case pb::Transition::kSession: {
      const std::string agent(IdPart(record.session().session().agent()));
      if (record.session().session().state() == pb::AgentSession::SIGNED_OUT) {
        s_->sessions.erase(agent);
        break;
      }
      auto& session = s_->sessions[agent];
      if (!session) session = std::make_unique<Session>();
      session->agent = agent;
      session->record = record.session();
      break;
    }
    case pb::Transition::kQueue:
      s_->queues[std::string(IdPart(record.queue().name()))] = record.queue();
      break;
    case pb::Transition::kQueueDeleted:
      s_->queues.erase(record.queue_deleted());
      s_->figures.erase(record.queue_deleted());
      break;
    case pb::Transition::kSkill:
      s_->skills[std::string(IdPart(record.skill().name()))] = record.skill();
      break;
    case pb::Transition::kSkillDeleted:
      s_->skills.erase(record.skill_deleted());
      break;
    case pb::Transition::kRoutingProfile:
      s_->profiles[std::string(IdPart(record.routing_profile().name()))] = record.routing_profile();
      break;
    case pb::Transition::kRoutingProfileDeleted:
      s_->profiles.erase(record.routing_profile_deleted());
      break;
    case pb::Transition::kAgent:
      s_->agents[std::string(IdPart(record.agent().name()))] = record.agent();
      break;
    case pb::Transition::kAgentDeleted:
      s_->agents.erase(record.agent_deleted());
      break;
    case pb::Transition::kFigures:
      s_->figures[record.figures().queue()] = record.figures();
      break;
    case pb::Transition::kCounters:
      sequence_ = record.counters().sequence();
      rule_version_ = record.counters().rule_version();
      break;
    case pb::Transition::RECORD_NOT_SET:
      break;
  }
}

void Engine::Settle(TimePoint now) {
  last_ = now;
  changed_ = now;
  now_ = now;
  for (const auto& [id, queue] : s_->queues) {
    s_->queue_codes[queue.code()] = id;
    s_->lines[id];
  }
  for (const auto& [id, skill] : s_->skills) s_->skill_codes[skill.code()] = id;
  for (const auto& [id, profile] : s_->profiles) s_->profile_codes[profile.code()] = id;
  for (const auto& [id, agent] : s_->agents) s_->agent_codes[agent.code()] = id;
  for (const auto& [agent, session] : s_->sessions) s_->seats[session->view().seat()] = agent;
  for (const auto& [id, work] : s_->works) {
    const auto& view = work->view();
    work->key = {view.priority(), work->record.effective_arrival(), work->record.sequence()};
    auto& line = s_->lines[std::string(IdPart(view.queue()))];
    if (view.state() == pb::Interaction::QUEUED) {
      line.tree.insert({work->key, id});
      line.by_time.insert({Micros(FromProto(view.queue_time())), id});
      work->in_line = true;
      if (work->record.hold_deadline() != 0) {
        work->held_by = s_->sessions.at(std::string(IdPart(view.last_agent()))).get();
        work->held_by->held.insert(work.get());
      }
      continue;
    }
    Session& session = *s_->sessions.at(std::string(IdPart(view.agent())));
    work->session = &session;
    session.work = work.get();
    if (view.state() == pb::Interaction::RESERVED) {
      s_->reservations[std::string(IdPart(view.reservation()))] = work.get();
      ++line.reserved;
    } else {
      ++line.in_service;
    }
  }
  const auto version = rule_version_;
  s_->delays.clear();
  s_->entries.clear();
  for (const auto& [id, profile] : s_->profiles) {
    auto& entries = s_->entries[id];
    for (const auto& entry : profile.entries()) {
      const std::string queue(IdPart(entry.queue()));
      const Duration delay = FromProto(entry.delay());
      entries[queue] = {std::max(1, entry.priority()), delay};
      if (delay > Duration{0}) s_->delays[queue].insert(delay);
    }
  }
  RebuildPools();
  rule_version_ = version;
  for (const auto& [id, work] : s_->works) Arm(*work);
  out_ = Applied{};
}

pb::Transitions Engine::Snapshot() const {
  pb::Transitions out;
  for (const auto& [id, skill] : s_->skills) *out.add_transitions()->mutable_skill() = skill;
  for (const auto& [id, queue] : s_->queues) *out.add_transitions()->mutable_queue() = queue;
  for (const auto& [id, profile] : s_->profiles) *out.add_transitions()->mutable_routing_profile() = profile;
  for (const auto& [id, agent] : s_->agents) *out.add_transitions()->mutable_agent() = agent;
  for (const auto& [id, figures] : s_->figures) *out.add_transitions()->mutable_figures() = figures;
  for (const auto& [id, session] : s_->sessions) *out.add_transitions()->mutable_session() = session->record;
  for (const auto& [id, work] : s_->works) *out.add_transitions()->mutable_interaction() = work->record;
  auto& counters = *out.add_transitions()->mutable_counters();
  counters.set_sequence(sequence_);
  counters.set_rule_version(rule_version_);
  return out;
}

// ---- views
// --------------------------------------------------------------------------------------------------

/// A live estimate: those before it and itself, each a handling time, shared by the agents at work. Rounded
/// up.
Duration Engine::EstimateFor(const std::string& queue, std::int64_t position) const {
  const auto found = s_->queues.find(queue);
  if (found == s_->queues.end() || position <= 0) return Duration{0};
  const auto figures = s_->figures.find(queue);
  const auto handle = figures == s_->figures.end() || figures->second.handle_time() == 0
                          ? kFirstGuess.count()
                          : figures->second.handle_time();
  std::int64_t agents = 1;
  const Work plain;
  if (const auto pool = s_->pools.find([&] {
        std::string key = queue;
        for (const auto& [skill, level] : Requirements(plain, found->second))
          key += "|" + skill + ":" + std::to_string(level);
        return key;
      }());
      pool != s_->pools.end())
    agents = std::max(1, pool->second->working);
  const auto wait = position * handle / agents;
  constexpr std::int64_t kStep = 10'000'000;
  return Duration{(wait + kStep - 1) / kStep * kStep};
}

std::optional<pb::Interaction> Engine::FindInteraction(std::string_view id) const {
  const auto found = s_->works.find(id);
  if (found == s_->works.end()) return std::nullopt;
  const Work& work = *found->second;
  pb::Interaction out = work.view();
  if (work.in_line) {
    const std::string queue(IdPart(out.queue()));
    const auto& tree = s_->lines.find(queue)->second.tree;
    out.set_position(static_cast<int>(tree.order_of_key(work.key)) + 1);
    *out.mutable_estimated_wait() = ToProto(EstimateFor(queue, out.position()));
  }
  return out;
}

const pb::InteractionRecord* Engine::FindRecord(std::string_view id) const {
  const auto found = s_->works.find(id);
  return found == s_->works.end() ? nullptr : &found->second->record;
}

const pb::AgentSession* Engine::FindSession(std::string_view agent) const {
  const auto found = s_->sessions.find(agent);
  return found == s_->sessions.end() ? nullptr : &found->second->view();
}

std::vector<pb::AgentSession> Engine::Sessions() const {
  std::vector<pb::AgentSession> out;
  for (const auto& [agent, session] : s_->sessions) out.push_back(session->view());
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.agent_code() < b.agent_code(); });
  return out;
}

const pb::Queue* Engine::FindQueue(std::string_view name) const {
  const auto id = ResolveQueue(name);
  return id ? &s_->queues.find(*id)->second : nullptr;
}

const pb::Skill* Engine::FindSkill(std::string_view name) const {
  const auto id = ResolveSkill(name);
  return id ? &s_->skills.find(*id)->second : nullptr;
}

const pb::RoutingProfile* Engine::FindProfile(std::string_view name) const {
  auto id = IdPart(name);
  if (const auto code = s_->profile_codes.find(id); code != s_->profile_codes.end()) id = code->second;
  const auto found = s_->profiles.find(id);
  return found == s_->profiles.end() ? nullptr : &found->second;
}

const pb::Agent* Engine::FindAgent(std::string_view id) const {
  const auto found = s_->agents.find(IdPart(id));
  return found == s_->agents.end() ? nullptr : &found->second;
}

std::vector<std::string> Engine::QueueIds() const {
  std::vector<std::string> out;
  for (const auto& [id, queue] : s_->queues) out.push_back(id);
  return out;
}

pb::QueueState Engine::StateOf(std::string_view name) const {
  pb::QueueState out;
  const auto id = ResolveQueue(name);
  if (!id) return out;
  const auto& queue = s_->queues.find(*id)->second;
  const auto& line = s_->lines.find(*id)->second;
  out.set_queue(queue.name());
  out.set_code(queue.code());
  out.set_display_name(queue.display_name());
  out.set_waiting(static_cast<int>(line.tree.size()) + line.reserved);
  if (!line.by_time.empty()) *out.mutable_oldest_queue_time() = ToProto(At(line.by_time.begin()->first));
  out.set_in_service(line.in_service);
  const Work plain;
  std::string key = *id;
  for (const auto& [skill, level] : Requirements(plain, queue))
    key += "|" + skill + ":" + std::to_string(level);
  if (const auto pool = s_->pools.find(key); pool != s_->pools.end()) {
    out.set_agents(pool->second->qualified);
    out.set_agents_ready(static_cast<int>(pool->second->ready.size()));
  }
  if (out.agents_ready() == 0)
    *out.mutable_estimated_wait() =
        ToProto(EstimateFor(*id, static_cast<std::int64_t>(line.tree.size()) + 1));
  if (const auto figures = s_->figures.find(*id); figures != s_->figures.end()) {
    *out.mutable_handle_duration() = ToProto(Duration{figures->second.handle_time()});
    out.set_offered(figures->second.offered());
    out.set_answered(figures->second.answered());
    out.set_answered_in_time(figures->second.answered_in_time());
    out.set_abandoned(figures->second.abandoned());
  }
  return out;
}

pb::Desk Engine::DeskOf(std::string_view agent, TimePoint now) const {
  pb::Desk out;
  *out.mutable_time() = ToProto(now);
  const auto found = s_->sessions.find(agent);
  if (found == s_->sessions.end()) return out;
  const Session& session = *found->second;
  *out.mutable_session() = session.view();
  if (session.work == nullptr) return out;
  if (session.view().state() == pb::AgentSession::RESERVED) {
    auto& offer = *out.add_offers();
    *offer.mutable_reservation() = ReservationOf(*session.work, pb::Reservation::PENDING);
    *offer.mutable_interaction() = session.work->view();
  } else {
    *out.add_interactions() = session.work->view();
  }
  return out;
}

std::vector<pb::SkillRequirement> Engine::RequirementsOf(std::string_view interaction) const {
  std::vector<pb::SkillRequirement> out;
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end()) return out;
  const auto queue = s_->queues.find(IdPart(found->second->view().queue()));
  if (queue == s_->queues.end()) return out;
  for (const auto& [skill, level] : Requirements(*found->second, queue->second)) {
    pb::SkillRequirement need;
    need.set_skill(NameOf("skills", skill));
    need.set_min_level(level);
    out.push_back(need);
  }
  return out;
}

std::vector<std::string> Engine::QueuesOf(std::string_view interaction) const {
  std::vector<std::string> out;
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end()) return out;
  out.push_back(found->second->view().queue());
  for (const auto& id : found->second->record.added_queues()) out.push_back(NameOf("queues", id));
  return out;
}

}  // namespace carillon::routing::domain
