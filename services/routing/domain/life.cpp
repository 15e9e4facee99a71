#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// From the answer of an agent to the outcome.
namespace carillon::routing::domain {
namespace {

constexpr Duration kWrapUp = std::chrono::seconds{60};
constexpr Duration kHoldReminder = std::chrono::seconds{15};
constexpr Duration kHoldLimit = std::chrono::seconds{60};

/// As the rules say, never shorter than a second; 0 = never.
Duration Apart(bool given, const google::protobuf::Duration& value, Duration standard) {
  const auto apart = Or(given, value, standard);
  return apart <= Duration{0} ? Duration{0} : std::max(apart, Duration{std::chrono::seconds{1}});
}
Duration ReminderOf(const pb::DeskRules& desks) {
  return Apart(desks.has_hold_reminder(), desks.hold_reminder(), kHoldReminder);
}
Duration HoldLimitOf(const pb::DeskRules& desks) {
  return Apart(desks.has_hold_limit(), desks.hold_limit(), kHoldLimit);
}

}  // namespace

Result<void> Engine::MediaConnected(const pb::MediaCommand& in) {
  TRY(Work* const found, WorkOf(in.interaction()));
  Work& work = *found;
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
  TRY(Work* const found, WorkOf(in.interaction()));
  Work& work = *found;
  auto& supervisions = *work.record.mutable_supervisions();
  const auto left = std::find_if(supervisions.begin(), supervisions.end(),
                                 [&](const auto& each) { return each.reservation() == in.reservation(); });
  if (left != supervisions.end()) {
    supervisions.erase(left);
    Touch(work);
  }
  const auto& consult = work.view().consult();
  const bool of_agent = work.view().state() == pb::Interaction::ASSIGNED &&
                        in.reservation() == IdPart(work.view().reservation());
  if (!consult.reservation().empty() && in.reservation() == IdPart(consult.reservation())) {
    DropConsult(work, true);  // the line outside is gone
  } else if (work.view().state() == pb::Interaction::WRAPPING && !work.view().outside_reservation().empty() &&
             in.reservation() == IdPart(work.view().outside_reservation())) {
    TakeBack(work, in);
  } else if (of_agent && IsAdvice(work.view()) && work.view().has_connect_time()) {
    pb::MediaCommand ended;
    ended.set_party("AGENT");
    ended.set_cause(in.cause());
    BeginWrap(work, now_, ended);  // over at once; gives the answer
    return Ok();
  } else if (of_agent && work.view().has_connect_time()) {
    AgentGone(work, in);  // gives the answer
    return Ok();
  } else if (of_agent && !work.view().has_connect_time()) {
    Session& session = *work.session;
    if (!IsAdvice(work.view())) {
      auto& figures = work.room->figures;
      figures.set_answered(figures.answered() - 1);
      if (InTime(work.room->rules, work.view())) figures.set_answered_in_time(figures.answered_in_time() - 1);
      TouchFigures(*work.room);
      CountAnswer(work, -1);
    }
    session.view().set_handled(session.view().handled() - 1);
    work.view().clear_wait_duration();
    work.view().clear_ring_duration();
    Requeue(work, pb::Reservation::RESCINDED, pb::Decision::RETURNED);
    if (Work* const asker = AskedBy(work); asker != nullptr) {
      asker->view().mutable_consult()->clear_accept_time();
      Touch(*asker);
      OweParties(*asker);
      Tell<pb::InteractionConsultChanged>(*asker);
    }
    if (session.view().pending_status() != pb::SIGNED_OUT) Pend(session, pb::NOT_READY, "PHONE_FAILED");
    AfterWork(session, 0);
    if (work.view().state() == pb::Interaction::QUEUED) Seek(work, "work");
  }
  out_.answer = CopyOf(work.view());
  return Ok();
}

Result<void> Engine::MediaEnded(const pb::MediaCommand& in) {
  TRY(Work* const found, WorkOf(in.interaction()));
  Work& work = *found;
  const auto ended = in.has_time() ? FromProto(in.time()) : now_;
  switch (work.view().state()) {
    case pb::Interaction::CREATED:
    case pb::Interaction::QUEUED:
    case pb::Interaction::RESERVED: {
      // The call that began it may end: a callback does not hang on it.
      if (work.view().channel() == carillon::type::v1::CALLBACK) {
        out_.answer = CopyOf(work.view());
        return Ok();
      }
      work.view().set_end_party(in.party().empty() ? "CUSTOMER" : in.party());
      work.view().set_end_cause(in.cause());
      *work.view().mutable_media_end_time() =
          ToProto(std::clamp(ended, FromProto(work.view().queue_time()), now_));
      Finish(work, pb::Interaction::ABANDONED);  // gives the answer; the work is gone
      return Ok();
    }
    case pb::Interaction::ASSIGNED:
      DropConsult(work, false);
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
  work.record.clear_supervisions();
  view.clear_muted();
  const auto& queue = RulesOf(work);
  const Duration wrap = IsAdvice(view) ? Duration{0} : Or(queue.has_wrap_up(), queue.wrap_up(), kWrapUp);
  if (wrap <= Duration{0}) {
    Finish(work, pb::Interaction::COMPLETED);
    return;
  }
  view.set_state(pb::Interaction::WRAPPING);
  work.record.set_wrap_deadline(Micros(now_ + wrap));
  *view.mutable_wrap_end_time() = ToProto(now_ + wrap);
  Touch(work);
  Show(*work.session);
  Arm(work);
  out_.answer = CopyOf(view);
}

/// The end: the last record goes out, the work leaves memory, the agent is free.
void Engine::Finish(Work& work, pb::Interaction::State state) {
  auto& view = work.view();
  Room& room = *work.room;
  Session* session = work.session;
  std::int64_t idle = 0;
  std::vector<std::pair<Session*, std::int64_t>> others;
  Disarm(work);
  if (IsAdvice(view))
    if (Work* const asker = AskedBy(work); asker != nullptr) AdviceOver(*asker, true);
  const auto before = view.state();
  if (before == pb::Interaction::QUEUED) {
    LeaveLine(work);
    if (work.record.dormant()) {
      work.record.set_dormant(false);
      --room.dormant;
    }
  } else if (before == pb::Interaction::RESERVED) {
    s_->reservations.erase(std::string(IdPart(view.reservation())));
    --room.reserved;
    idle = work.record.idle_before_offer();
    others = LetOthersGo(work);
    *view.mutable_ring_duration() = ToProto(now_ - FromProto(view.offer_time()));
  } else {
    --room.in_service;
  }
  view.set_state(state);
  *view.mutable_end_time() = ToProto(now_);
  *view.mutable_update_time() = ToProto(now_);
  work.record.set_offer_deadline(0);
  work.record.set_wrap_deadline(0);
  view.clear_wrap_end_time();
  work.record.set_hold_deadline(0);
  LeaveHome(work);
  if (view.channel() == carillon::type::v1::CALLBACK) Forget(work);
  auto& figures = room.figures;
  if (state == pb::Interaction::COMPLETED) {
    *view.mutable_wrap_duration() = ToProto(now_ - FromProto(view.media_end_time()));
    const auto handled = (now_ - FromProto(view.accept_time())).count();
    if (!IsAdvice(view))
      figures.set_handle_time(figures.handle_time() == 0 ? handled
                                                         : (figures.handle_time() * 7 + handled) / 8);
    Tell<pb::InteractionCompleted>(work);
  } else {
    // The agent of an offer nobody took is not the agent of the interaction.
    view.clear_agent();
    view.clear_agent_session();
    view.clear_extension();
    view.clear_reservation();
    const auto until = view.has_media_end_time() ? FromProto(view.media_end_time()) : now_;
    *view.mutable_wait_duration() = ToProto(until - FromProto(view.queue_time()));
    if (state == pb::Interaction::ABANDONED) {
      if (!IsAdvice(view)) {
        figures.set_abandoned(figures.abandoned() + 1);
        CountGone(work, true);
        LearnWait(work, false);
      }
      Tell<pb::InteractionAbandoned>(work);
    } else {
      Tell<pb::InteractionCanceled>(work);
    }
  }
  if (!IsAdvice(view)) TouchFigures(room);
  out_.answer = CopyOf(view);
  out_.records.add_transitions()->mutable_interaction()->Swap(&work.record);
  if (session != nullptr) Unhand(*session, work);
  s_->dirty_works.erase(&work);
  s_->works.erase(std::string(work.id));
  if (session != nullptr) AfterWork(*session, idle);
  for (const auto& [other, since] : others) AfterWork(*other, since);
}

Result<void> Engine::CancelInteraction(const pb::EndCommand& in) {
  TRY(Work* const found, WorkOf(in.interaction()));
  Work& work = *found;
  if (work.view().state() == pb::Interaction::ASSIGNED || work.view().state() == pb::Interaction::WRAPPING)
    return FailedPrecondition("INTERACTION_ASSIGNED", "An agent has the work.",
                              {{"state", pb::Interaction::State_Name(work.view().state())}});
  work.view().set_end_party("SYSTEM");
  work.view().set_end_cause(in.reason());
  Finish(work, pb::Interaction::CANCELED);
  return Ok();
}

Result<Engine::Work*> Engine::WorkOf(const std::string& interaction) {
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end()) return errors::Unknown("INTERACTION", interaction);
  return found->second.get();
}

Result<Engine::Work*> Engine::OwnWork(const std::string& agent, const std::string& interaction) {
  TRY(Work* const work, WorkOf(interaction));
  if (work->session == nullptr || work->session->agent != agent)
    return PermissionDenied("INTERACTION_NOT_YOURS", "Another agent, or nobody, has the work.");
  return work;
}

/// The agent's work with a customer in it.
Result<Engine::Work*> Engine::OwnLive(const std::string& agent, const std::string& interaction) {
  TRY(Work* const work, OwnWork(agent, interaction));
  if (work->view().state() != pb::Interaction::ASSIGNED || IsAdvice(work->view()))
    return errors::NotLive(work->view());
  return work;
}

void Engine::OweHold(const Work& work, bool hold) {
  if (work.view().call().empty()) return;
  auto task = std::make_shared<pb::HoldCallTask>();
  task->set_call(work.view().call());
  task->set_hold(hold);
  task->set_interaction(work.view().name());
  task->set_time(Micros(now_));
  out_.tasks.push_back({work.view().call(), task});
}

void Engine::OweRelease(const Work& work, const std::string& cause) {
  if (work.view().call().empty()) return;
  auto task = std::make_shared<pb::ReleaseCallTask>();
  task->set_call(work.view().call());
  task->set_cause(cause);
  task->set_interaction(work.view().name());
  out_.tasks.push_back({work.view().call(), task});
}

Result<void> Engine::Hold(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  auto& view = work->view();
  if (!view.has_hold_time()) {
    BeginHold(*work);
    OweHolding(*work);
  }
  out_.answer = CopyOf(view);
  return Ok();
}

/// When the desk is told again that a customer holds, or the hold becomes too long.
std::optional<TimePoint> Engine::NextReminder(const Work& work) const {
  const auto& view = work.view();
  if (!view.has_hold_time()) return std::nullopt;
  const auto began = FromProto(view.hold_time());
  std::optional<TimePoint> next;
  if (const auto apart = ReminderOf(s_->desks); apart > Duration{0})
    next = began + apart * (view.hold_reminders() + 1);
  if (const auto limit = HoldLimitOf(s_->desks); limit > Duration{0} && !view.hold_over_limit())
    next = std::min(next.value_or(TimePoint::max()), began + limit);
  return next;
}

void Engine::Remind(Work& work) {
  auto& view = work.view();
  const auto held = now_ - FromProto(view.hold_time());
  if (const auto apart = ReminderOf(s_->desks); apart > Duration{0})
    view.set_hold_reminders(std::max(view.hold_reminders(), static_cast<int>(held / apart)));
  const auto limit = HoldLimitOf(s_->desks);
  if (limit > Duration{0} && held >= limit) view.set_hold_over_limit(true);
  Touch(work);
  Arm(work);
}

Result<void> Engine::Retrieve(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.has_hold_time()) {
    EndHolding(*work);
    OweHolding(*work);
  }
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::Release(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.call().empty()) {
    // Work without media ends by itself.
    pb::MediaCommand ended;
    ended.set_party("AGENT");
    ended.set_cause(in.reason());
    BeginWrap(*work, now_, ended);
    return Ok();
  }
  OweRelease(*work, in.reason().empty() ? "AGENT_RELEASED" : in.reason());
  *view.mutable_update_time() = ToProto(now_);
  Touch(*work);
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::ExtendWrapUp(const pb::WorkCommand& in) {
  TRY(Work * work, OwnWork(in.agent(), in.interaction()));
  auto& view = work->view();
  const auto& queue = RulesOf(*work);
  if (view.state() != pb::Interaction::WRAPPING)
    return FailedPrecondition("INTERACTION_NOT_WRAPPING", "Only wrap-up can be made longer.",
                              {{"state", pb::Interaction::State_Name(view.state())}});
  if (view.wrap_renewals() >= queue.wrap_up_renewals())
    return FailedPrecondition("WRAP_UP_RENEWALS_USED", "The queue allows no more wrap-up.",
                              {{"allowed", std::to_string(queue.wrap_up_renewals())}});
  view.set_wrap_renewals(view.wrap_renewals() + 1);
  const auto until =
      At(work->record.wrap_deadline()) + Or(queue.has_wrap_up_renewal(), queue.wrap_up_renewal(),
                                            Or(queue.has_wrap_up(), queue.wrap_up(), kWrapUp));
  work->record.set_wrap_deadline(Micros(until));
  *view.mutable_wrap_end_time() = ToProto(until);
  *view.mutable_update_time() = ToProto(now_);
  Touch(*work);
  Arm(*work);
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

}  // namespace carillon::routing::domain
