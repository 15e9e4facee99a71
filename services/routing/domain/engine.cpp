#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// The frame of a command, and time.
namespace carillon::routing::domain {

Engine::Engine() : s_(std::make_unique<State>()) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

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
  JudgeCanaries();
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
    if (const Room* room = s_->RoomOf(id); room != nullptr)
      *out_.records.add_transitions()->mutable_figures() = room->figures;
  for (const auto& id : s_->dirty_canaries)
    if (const Room* room = s_->RoomOf(id); room != nullptr) {
      auto& figures = *out_.records.add_transitions()->mutable_canary_figures();
      figures.set_queue(id);
      *figures.mutable_control() = room->canary.control();
      *figures.mutable_canary() = room->canary.canary();
    }
  if (s_->dirty_counters) {
    auto& counters = *out_.records.add_transitions()->mutable_counters();
    counters.set_sequence(sequence_);
    counters.set_rule_version(rule_version_);
  }
  s_->dirty_works.clear();
  s_->dirty_sessions.clear();
  s_->dirty_figures.clear();
  s_->dirty_canaries.clear();
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
    case pb::Command::kRequestCallback:
      return RequestCallback(c.request_callback());
    case pb::Command::kPutDeskRules:
      return PutDeskRules(c.put_desk_rules(), c);
    case pb::Command::kExtendWrapUp:
      return ExtendWrapUp(c.extend_wrap_up());
    case pb::Command::kTransfer:
      return Transfer(c.transfer());
    case pb::Command::kConsult:
      return Consult(c.consult());
    case pb::Command::kJoinConsult:
      return JoinConsult(c.join_consult());
    case pb::Command::kCompleteConsult:
      return CompleteConsult(c.complete_consult());
    case pb::Command::kEndConsult:
      return EndConsult(c.end_consult());
    case pb::Command::kMute:
      return Mute(c.mute(), true);
    case pb::Command::kUnmute:
      return Mute(c.unmute(), false);
    case pb::Command::kSupervise:
      return Supervise(c.supervise());
    case pb::Command::kTakeOver:
      return TakeOver(c.take_over());
    case pb::Command::kForceRelease:
      return ForceRelease(c.force_release());
    case pb::Command::kReturnCustomer:
      return ReturnCustomer(c.return_customer());
    case pb::Command::kPull:
      return Pull(c.pull());
    case pb::Command::kStartCanary:
      return StartCanary(c.start_canary());
    case pb::Command::kPromoteCanary:
      return PromoteCanary(c.promote_canary());
    case pb::Command::kEndCanary:
      return EndCanary(c.end_canary());
    case pb::Command::COMMAND_NOT_SET:
      break;
  }
  return InvalidArgument("COMMAND_MISSING", "The command is empty.");
}

void Engine::Touch(Work& work) {
  if (!work.dirty) s_->dirty_works.insert(&work);
  work.dirty = true;
  if (work.session != nullptr) out_.agents.insert(work.session->agent);
  for (const Session* other : work.others) out_.agents.insert(other->agent);
}

void Engine::Touch(Session& session) {
  if (!session.dirty) s_->dirty_sessions.insert(&session);
  session.dirty = true;
  out_.agents.insert(session.agent);
}

void Engine::TouchQueue(const std::string& queue) { out_.queues.insert(queue); }

void Engine::TouchFigures(Room& room) {
  room.figures.set_queue(room.id);
  s_->dirty_figures.insert(room.id);
  TouchQueue(room.id);
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

void Engine::Disarm(Work& work) {
  if (work.armed) s_->timers.erase({*work.armed, work.key.sequence, &work});
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
      if (work.record.dormant()) {
        sooner(Micros(FromProto(work.view().callback_time())));
        break;
      }
      const auto queued = FromProto(work.view().queue_time());
      if (work.held_by != nullptr) sooner(work.record.hold_deadline());
      const auto& queue = RulesOf(work);
      // Never before the last look: what is due already is done at once, and once.
      const auto due = [&](TimePoint when) { sooner(std::max(Micros(when), work.record.checked())); };
      if (work.record.steps() < queue.overflow_size())
        due(queued + FromProto(queue.overflow(work.record.steps()).after()));
      if (const auto late = TurnsLate(work)) due(*late);
      if (const auto ends = WaitEnds(work)) due(*ends);
      if (const auto look = NextLookForAgents(work)) due(*look);
      if (const auto ends = RingEnds(work)) due(*ends);
      if (const auto ends = CriteriaEnd(work)) due(*ends);
      for (const auto& refusal : work.record.refusals())
        if (refusal.until() > work.record.checked()) sooner(refusal.until());
      const auto delays = [&](const Room* room) {
        if (room == nullptr) return;
        for (const Duration delay : room->delays)
          if (Micros(queued + delay) > work.record.checked()) {
            sooner(Micros(queued + delay));
            break;
          }
      };
      delays(work.room);
      for (const auto& id : work.record.added_queues()) delays(s_->RoomOf(id));
      break;
    }
    case pb::Interaction::RESERVED:
      sooner(work.record.offer_deadline());
      break;
    case pb::Interaction::ASSIGNED:
      if (const auto at_reminder = NextReminder(work)) sooner(Micros(*at_reminder));
      break;
    case pb::Interaction::WRAPPING:
      sooner(work.record.wrap_deadline());
      break;
    default:
      break;
  }
  if (at == 0) return;
  work.armed = At(at);
  s_->timers.insert({*work.armed, work.key.sequence, &work});
}

std::optional<TimePoint> Engine::NextDeadline() const {
  std::optional<TimePoint> next;
  if (!s_->timers.empty()) next = std::get<TimePoint>(*s_->timers.begin());
  if (!s_->rosters.empty()) next = std::min(next.value_or(TimePoint::max()), s_->rosters.begin()->first);
  return next;
}

Result<void> Engine::Tick(TimePoint now) {
  const auto before = now_;
  auto step = changed_;
  for (auto at = NextDeadline(); at && *at <= now; at = NextDeadline()) {
    // Each deadline at its own time, so that durations do not depend on how often the owner looks.
    step = std::max(step, *at);
    now_ = step;
    if (!s_->rosters.empty() && s_->rosters.begin()->first == *at) {
      ChangeOver(*at);
      continue;
    }
    Work* const work = std::get<Work*>(*s_->timers.begin());
    Disarm(*work);
    Fire(*work);
    JudgeCanaries();
  }
  now_ = before;
  return Ok();
}

void Engine::Fire(Work& work) {
  switch (work.view().state()) {
    case pb::Interaction::QUEUED: {
      const auto& queue = RulesOf(work);
      const auto queued = FromProto(work.view().queue_time());
      if (work.record.dormant()) {
        Wake(work);
      } else if (TurnsLate(work).value_or(TimePoint::max()) <= now_) {
        CountJudged(work, *ArmOf(work));
        Touch(work);
        Arm(work);
      } else if (WaitEnds(work).value_or(TimePoint::max()) <= now_) {
        Divert(work, queue.max_wait_target(), "MAX_WAIT");
      } else if (NextLookForAgents(work).value_or(TimePoint::max()) <= now_) {
        if (work.room->plain->working == 0) {
          Divert(work, queue.no_agent_target(), "NO_AGENT");
        } else {
          work.record.set_agent_seen(Micros(now_));
          Touch(work);
          Arm(work);
        }
      } else if (work.held_by != nullptr && work.record.hold_deadline() <= Micros(now_)) {
        EndHold(work, true);
      } else if (work.record.steps() < queue.overflow_size() &&
                 queued + FromProto(queue.overflow(work.record.steps()).after()) <= now_) {
        Overflow(work, queue.overflow(work.record.steps()));
      } else if (RingEnds(work).value_or(TimePoint::max()) <= now_) {
        EnterRing(work);
      } else if (CriteriaEnd(work).value_or(TimePoint::max()) <= now_) {
        ExpireCriteria(work);
      } else {
        Seek(work, "step");
      }
      return;
    }
    case pb::Interaction::RESERVED: {
      std::vector<Session*> rung{work.session};
      for (const auto& [other, idle] : LetOthersGo(work)) rung.push_back(other);
      for (const Session* session : rung)
        Refuse(work.record, session->agent, now_ + RefusalDelayOf(RulesOf(work)), now_);
      Requeue(work, pb::Reservation::TIMED_OUT, pb::Decision::NOT_ANSWERED);
      for (Session* session : rung) {
        auto& view = session->view();
        view.set_no_answers(view.no_answers() + 1);
        // What the agent chose meanwhile stands; else RONA.
        if (view.no_answers() < std::max(1, session->rules->max_no_answer()) ||
            view.pending_status() == pb::NOT_READY || view.pending_status() == pb::SIGNED_OUT)
          continue;
        Pend(*session, pb::NOT_READY, "RONA");
      }
      Seek(work, "work");
      for (Session* session : rung) AfterWork(*session, 0);
      return;
    }
    case pb::Interaction::ASSIGNED:
      Remind(work);
      return;
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
    if (work->view().has_wrap_end_time())
      *work->view().mutable_wrap_end_time() = ToProto(At(work->record.wrap_deadline()));
    if (work->record.hold_deadline() != 0)
      work->record.set_hold_deadline(work->record.hold_deadline() + gap.count());
    Touch(*work);
    Arm(*work);
  }
  return Ok();
}

}  // namespace carillon::routing::domain
