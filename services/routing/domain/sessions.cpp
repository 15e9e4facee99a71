#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// From sign-in to sign-out.
namespace carillon::routing::domain {
namespace {

/// A call is before what can wait.
bool IsCall(const pb::Interaction& view) {
  return view.channel() == carillon::type::v1::VOICE || view.channel() == carillon::type::v1::CALLBACK ||
         view.channel() == carillon::type::v1::VIDEO;
}

}  // namespace

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
      CountRest(session, from_reason, since);
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
  ShowLimit(session);
  session.record.set_changes(session.record.changes() + 1);
  view.set_etag(std::to_string(session.record.changes()));
  EnterReady(session);
  for (const auto& place : session.places) TouchQueue(place.pool->room->id);
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
  if (const Session* const open = s_->sessions.Find(in.agent()); open != nullptr) {
    const auto& view = open->view();
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
  Session& session = s_->sessions.Add(in.agent());
  auto& view = session.view();
  view.set_name(NameOf("agentSessions", in.session()));
  view.set_agent(NameOf("agents", in.agent()));
  view.set_agent_code(agent->second.code());
  view.set_seat(in.seat());
  view.set_extension(in.extension());
  view.set_desk_connected(in.desk_connected());
  *view.mutable_create_time() = ToProto(now_);
  s_->seats[in.seat()] = in.agent();
  session.rules = &agent->second;
  ReadRoster(session);
  for (const auto& [key, pool] : s_->pools) Admit(session, *pool);
  Enter(session, pb::AgentSession::NOT_READY, "SIGNED_IN");
  out_.answer = CopyOf(view);
  return Ok();
}

/// Puts the profile in force that the roster, else the agent's own rule, says now; true when it is another.
bool Engine::ReadRoster(Session& session) {
  auto& record = session.record;
  const std::string before = record.routing_profile();
  auto profile = IdPart(session.rules->routing_profile());
  std::int64_t next = 0;
  for (const auto& stretch : session.rules->assignments()) {
    const auto start = FromProto(stretch.start_time());
    const auto end = FromProto(stretch.end_time());
    if (end <= now_) continue;
    if (start <= now_) profile = IdPart(stretch.routing_profile());
    next = Micros(start <= now_ ? end : start);
    break;
  }
  if (record.roster_deadline() != 0) s_->rosters.erase({At(record.roster_deadline()), session.agent});
  if (next != 0) s_->rosters.insert({At(next), session.agent});
  if (next != record.roster_deadline() || profile != before) Touch(session);
  record.set_roster_deadline(next);
  record.set_routing_profile(std::string(profile));
  session.view().set_routing_profile(NameOf("routingProfiles", profile));
  return profile != before;
}

/// A stretch of the roster begins or ends for some agents.
void Engine::ChangeOver(TimePoint at) {
  bool changed = false;
  while (!s_->rosters.empty() && s_->rosters.begin()->first <= at)
    changed |= ReadRoster(*s_->sessions.Find(s_->rosters.begin()->second));
  if (!changed) return;
  RebuildPools();
  Rematch();
  for (const auto& [id, room] : s_->rooms) TouchQueue(id);
}

void Engine::Remove(Session& session) {
  CARILLON_CHECK(session.works.empty());
  Enter(session, pb::AgentSession::SIGNED_OUT, "");
  ReleaseHeld(session);
  for (const auto& place : session.places) --place.pool->qualified;
  s_->seats.erase(session.view().seat());
  s_->rosters.erase({At(session.record.roster_deadline()), session.agent});
  *out_.records.add_transitions()->mutable_session() = session.record;
  s_->dirty_sessions.erase(&session);
  s_->sessions.Remove(session);
}

Result<void> Engine::SignOut(const pb::SignOutCommand& in) {
  Session* const found = s_->sessions.Find(in.agent());
  if (found == nullptr) return errors::NotSignedIn(in.agent());
  if (!found->works.empty())
    return FailedPrecondition(
        "AGENT_BUSY", "Sign-out is for READY or NOT_READY agents.",
        {{"state", pb::AgentSession::State_Name(found->view().state())}, {"allowed", "READY,NOT_READY"}});
  Leave(*found);
  return Ok();
}

/// Signs out who asked for it.
void Engine::Leave(Session& session) {
  auto after = CopyOf(session.view());
  after->set_state(pb::AgentSession::SIGNED_OUT);
  *after->mutable_end_time() = ToProto(now_);
  Remove(session);
  out_.answer = after;
}

Result<void> Engine::SetStatus(const pb::SetStatusCommand& in) {
  Session* const found = s_->sessions.Find(in.agent());
  if (found == nullptr) return errors::NotSignedIn(in.agent());
  Session& session = *found;
  if (in.status() == pb::NOT_READY && in.reason().empty())
    return InvalidArgument("REASON_MISSING", "NOT_READY needs a reason.",
                           {{"reason", "required with NOT_READY"}});
  if (in.status() == pb::NOT_READY && !in.forced()) TRY_VOID(MayRest(session, in.reason()));
  auto& view = session.view();
  if (!session.works.empty()) {
    Pend(session, in.status(), in.status() == pb::READY ? "" : in.reason());
    session.record.set_pending_by_system(false);
    if (in.status() == pb::READY)
      Take(session);  // there may be room beside what is in hand
    else
      ReleaseHeld(session);
    out_.answer = CopyOf(view);
    return Ok();
  }
  if (in.status() == pb::SIGNED_OUT) {
    Leave(session);
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
  Session* const found = s_->sessions.Find(agent);
  if (found == nullptr || found->view().desk_connected()) return Ok();
  Session& session = *found;
  LeaveReady(session);
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
  Session* const found = s_->sessions.Find(agent);
  if (found == nullptr || !found->view().desk_connected()) return Ok();
  Session& session = *found;
  LeaveReady(session);
  session.view().set_desk_connected(false);
  Touch(session);
  for (const auto& place : session.places) TouchQueue(place.pool->room->id);
  if (Work* const ringing = RingingAt(session); ringing != nullptr) {
    Work& work = *ringing;
    if (!work.others.empty()) {  // it rings on for the others
      if (&session == work.session) Promote(work, *work.others.front());
      const auto rung = std::find_if(work.record.rung().begin(), work.record.rung().end(),
                                     [&](const pb::Rung& each) { return each.agent() == session.agent; });
      const auto since = rung->idle_since();
      StopRinging(work, session);
      AfterWork(session, since);
    } else {
      const auto idle = work.record.idle_before_offer();
      Requeue(work, pb::Reservation::RESCINDED, pb::Decision::RETURNED);
      AfterWork(session, idle);
      if (work.view().state() == pb::Interaction::QUEUED) Seek(work, "work");
    }
  }
  if (Session* const again = s_->sessions.Find(agent); again != nullptr) ReleaseHeld(*again);
  return Ok();
}

Result<void> Engine::DeskExpired(const std::string& agent) {
  Session* const found = s_->sessions.Find(agent);
  if (found == nullptr || found->view().desk_connected()) return Ok();
  Session& session = *found;
  if (session.works.empty()) {
    Remove(session);
    return Ok();
  }
  Pend(session, pb::SIGNED_OUT, "");
  session.record.set_pending_by_system(true);
  return Ok();
}

/// The work is offered to the agent.
void Engine::Hand(Session& session, Work& work) {
  LeaveReady(session);
  session.works.push_back(&work);
}

/// The agent has the work no more; AfterWork says what comes then.
void Engine::Unhand(Session& session, Work& work) {
  LeaveReady(session);
  std::erase(session.works, &work);
}

/// The offer that rings at the agent's desk; nullptr = none.
Engine::Work* Engine::RingingAt(const Session& session) {
  for (Work* work : session.works)
    if (work->view().state() == pb::Interaction::RESERVED) return work;
  return nullptr;
}

/// Says at the session what is offered and in hand.
void Engine::ShowSlots(Session& session) {
  auto& view = session.view();
  if (session.works.size() > 1)
    std::stable_partition(session.works.begin(), session.works.end(),
                          [](const Work* work) { return IsCall(work->view()); });
  auto& slots = *view.mutable_slots();
  while (slots.size() > static_cast<int>(session.works.size())) slots.RemoveLast();
  for (std::size_t i = 0; i < session.works.size(); ++i) {
    const auto& work = session.works[i]->view();
    auto& slot = static_cast<int>(i) < slots.size() ? slots[static_cast<int>(i)] : *slots.Add();
    using Slot = pb::AgentSession::Slot;
    slot.set_interaction(work.name());
    slot.set_channel(work.channel());
    slot.set_state(work.state() == pb::Interaction::RESERVED   ? Slot::RINGING
                   : work.state() == pb::Interaction::WRAPPING ? Slot::WRAPPING
                   : work.has_hold_time()                      ? Slot::HELD
                                                               : Slot::TALKING);
  }
  if (session.works.empty())
    view.clear_interaction();
  else
    view.set_interaction(session.works.front()->view().name());
}

/// What the agent has, or does with it, has changed: slots, the state of them together, and room for more.
void Engine::Show(Session& session) {
  LeaveReady(session);
  ShowSlots(session);
  const auto any = [&](pb::Interaction::State state) {
    return std::any_of(session.works.begin(), session.works.end(),
                       [&](const Work* work) { return work->view().state() == state; });
  };
  const auto to = any(pb::Interaction::ASSIGNED)   ? pb::AgentSession::BUSY
                  : any(pb::Interaction::RESERVED) ? pb::AgentSession::RESERVED
                                                   : pb::AgentSession::WRAPPING;
  if (session.view().state() != to) {
    Enter(session, to, "");
    return;
  }
  EnterReady(session);
  Touch(session);
  for (const auto& place : session.places) TouchQueue(place.pool->room->id);
}

/// What comes when all that is in hand is done.
void Engine::Pend(Session& session, pb::AgentStatus status, const std::string& reason) {
  LeaveReady(session);
  session.view().set_pending_status(status);
  session.view().set_pending_reason(reason);
  EnterReady(session);
  Touch(session);
  for (const auto& place : session.places) TouchQueue(place.pool->room->id);
}

/// The agent has one work less. With others in hand there is room again; with none comes the pending status,
/// else READY. Then the best work. `idle_since` 0 = from now on.
void Engine::AfterWork(Session& session, std::int64_t idle_since) {
  auto& view = session.view();
  if (!session.works.empty()) {
    LeaveReady(session);
    if (idle_since == 0) session.record.set_idle_since(Micros(now_));
    Show(session);
    Take(session);
    return;
  }
  ShowSlots(session);
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
    session.record.set_idle_since(idle_since == 0 ? Micros(now_)
                                                  : std::max(idle_since, session.record.idle_since()));
    Enter(session, pb::AgentSession::READY, "");
    Take(session);
  }
}

}  // namespace carillon::routing::domain
