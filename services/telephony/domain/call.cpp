#include "telephony/domain/call.hpp"

#include <algorithm>

#include "base/proto_time.hpp"
#include "telephony/domain/errors.hpp"

namespace carillon::telephony::domain {
namespace {

bool IsLive(const pb::Leg& leg) { return leg.state() != pb::Leg::ENDED && leg.state() != pb::Leg::FAILED; }

pb::Leg* LiveLeg(pb::Call& call, pb::Leg::Role role) {
  for (auto& leg : *call.mutable_legs())
    if (leg.role() == role && IsLive(leg)) return &leg;
  return nullptr;
}

/// The customer's own, and the menu's, are not routing's.
bool IsParty(const pb::Leg& leg) { return leg.role() != pb::Leg::CUSTOMER && leg.role() != pb::Leg::IVR; }

/// The leg on which `agent` speaks and is heard, or nothing.
const pb::Leg* SpeakingLeg(const pb::Call& call, const std::string& agent) {
  for (const auto& leg : call.legs())
    if ((leg.role() == pb::Leg::AGENT || leg.role() == pb::Leg::CONSULT) && leg.agent() == agent &&
        leg.state() == pb::Leg::CONNECTED)
      return &leg;
  return nullptr;
}

void AddTo(google::protobuf::Duration& total, Duration span) { total = ToProto(FromProto(total) + span); }

/// A change in the making: the one place where events get their numbers and spans their durations.
class Draft {
 public:
  Draft(const pb::Call& call, TimePoint now) : at_(std::max(now, FromProto(call.update_time()))) {
    change_.call = call;
  }

  pb::Call& call() { return change_.call; }
  TimePoint at() const { return at_; }

  /// Leaves the state (its span is counted) and enters `state`.
  void Enter(pb::Call::State state) {
    auto& c = call();
    if (const auto since = FromProto(c.state_time()); c.state() != pb::Call::STATE_UNSPECIFIED) {
      auto& spent = *c.mutable_durations();
      switch (c.state()) {
        case pb::Call::INITIATED:
          AddTo(c.direction() == pb::Call::OUTBOUND ? *spent.mutable_dial() : *spent.mutable_ivr(),
                at_ - since);
          break;
        case pb::Call::QUEUED:
          AddTo(*spent.mutable_queue(), at_ - since);
          break;
        case pb::Call::DELIVERED:
          AddTo(*spent.mutable_ring(), at_ - since);
          break;
        case pb::Call::ESTABLISHED:
          AddTo(*spent.mutable_talk(), at_ - since);
          break;
        case pb::Call::HELD:
          AddTo(*spent.mutable_hold(), at_ - since);
          break;
        default:
          break;
      }
    }
    c.set_state(state);
    *c.mutable_state_time() = ToProto(at_);
  }

  void Happened(pb::CallEvent::Type type, const pb::Leg* leg = nullptr,
                pb::Call::Cause cause = pb::Call::CAUSE_UNSPECIFIED) {
    auto& c = call();
    c.set_event_count(c.event_count() + 1);
    pb::CallEvent event;
    event.set_name(c.name() + "/events/" + std::to_string(c.event_count()));
    event.set_sequence(c.event_count());
    event.set_type(type);
    *event.mutable_time() = ToProto(at_);
    if (leg != nullptr) event.set_leg(leg->name());
    event.set_cause(cause);
    event.set_state(c.state());
    change_.events.push_back(std::move(event));
  }

  pb::Leg& Begin(pb::Leg::Role role, pb::Leg::State state) {
    auto& c = call();
    auto& leg = *c.add_legs();
    leg.set_name(c.name() + "/legs/" + std::to_string(c.legs_size()));
    leg.set_role(role);
    *leg.mutable_start_time() = ToProto(at_);
    Move(leg, state);
    return leg;
  }

  void Move(pb::Leg& leg, pb::Leg::State state) {
    if (leg.state() == pb::Leg::HELD) AddTo(*leg.mutable_hold_total(), at_ - FromProto(leg.state_time()));
    leg.set_state(state);
    *leg.mutable_state_time() = ToProto(at_);
    if (state == pb::Leg::CONNECTED && !leg.has_connect_time()) *leg.mutable_connect_time() = ToProto(at_);
  }

  void End(pb::Leg& leg, pb::Leg::State state, pb::Call::Cause cause) {
    Move(leg, state);
    *leg.mutable_end_time() = ToProto(at_);
    leg.set_cause(cause);
  }

  void EndMenu() {
    if (auto* menu = LiveLeg(call(), pb::Leg::IVR); menu != nullptr)
      End(*menu, pb::Leg::ENDED, pb::Call::CAUSE_UNSPECIFIED);
  }

  /// The caller leaves the flow an agent sent them into, for the agent or for good.
  void EndAssistance(pb::Assistance::State state, const std::string& failure = "") {
    auto& assistance = *call().mutable_assistance();
    assistance.set_state(state);
    assistance.set_failure(failure);
    *assistance.mutable_end_time() = ToProto(at_);
    EndMenu();
    Happened(pb::CallEvent::RETURNED);
  }

  /// The same before the flow's own end, whose session is then closed; nothing when there is none.
  void BreakOff(const std::string& why) {
    if (!IsAssisted(call())) return;
    EndAssistance(pb::Assistance::BROKEN_OFF, why);
    auto& task = Owe();
    task.set_assistance(call().assistance().name());
    task.mutable_end_session();
  }

  /// A new directive with the instruction of `instruction`; its other fields are set here.
  void Direct(pb::Directive instruction) {
    auto& c = call();
    instruction.set_call(c.name());
    instruction.set_version(c.directive().version() + 1);
    instruction.set_switch_call_id(c.switch_call_id());
    instruction.set_client(c.client());
    *instruction.mutable_issue_time() = ToProto(at_);
    if (IsAssisted(c))
      for (const auto& leg : c.legs())
        if (IsLive(leg) && IsParty(leg)) instruction.add_held_legs(leg.name());
    *c.mutable_directive() = std::move(instruction);
    change_.redirected = true;
  }

  void DirectRelease(pb::Call::Cause cause) {
    pb::Directive release;
    release.mutable_release()->set_cause(pb::Call::Cause_Name(cause));
    Direct(std::move(release));
  }

  pb::CallTask& Owe() {
    auto& task = change_.tasks.emplace_back();
    task.set_call(call().name());
    return task;
  }

  void OweMediaEnded() {
    const auto& c = call();
    auto& ended = *Owe().mutable_media_ended();
    ended.set_interaction(c.interaction());
    *ended.mutable_end_time() = c.state_time();
    ended.set_cause(c.cause());
    // The holds of the whole call are the interaction's own only when nobody passed the customer on.
    if (std::count_if(c.legs().begin(), c.legs().end(), IsParty) <= 1)
      *ended.mutable_hold() = c.durations().hold();
  }

  Change Done(Announcement announcement = Announcement::kNone) {
    *call().mutable_update_time() = ToProto(at_);
    change_.announcement = announcement;
    change_.changed = true;
    return std::move(change_);
  }

 private:
  Change change_;
  TimePoint at_;
};

/// The menu may still be open: its leg lives, or its start is on the way.
bool MenuMayBeOpen(pb::Call& call) {
  return call.state() == pb::Call::INITIATED && call.direction() != pb::Call::OUTBOUND &&
         (call.session().empty() || LiveLeg(call, pb::Leg::IVR) != nullptr);
}

bool IsFailure(pb::Call::Cause cause) {
  switch (cause) {
    case pb::Call::BUSY:
    case pb::Call::NO_ANSWER:
    case pb::Call::INVALID_NUMBER:
    case pb::Call::CONGESTION:
    case pb::Call::REJECTED:
    case pb::Call::POWER_OFF:
    case pb::Call::ANSWERING_MACHINE:
    case pb::Call::NOT_AUTHORISED:
      return true;
    default:
      return false;
  }
}

pb::Call::Cause CauseOf(pb::ReportHangUpRequest::Party party) {
  switch (party) {
    case pb::ReportHangUpRequest::CUSTOMER:
      return pb::Call::CUSTOMER_HUNG_UP;
    case pb::ReportHangUpRequest::AGENT:
      return pb::Call::AGENT_HUNG_UP;
    default:
      return pb::Call::SYSTEM;
  }
}

bool WasEstablished(const pb::Call& call) {
  return std::any_of(call.legs().begin(), call.legs().end(), [](const pb::Leg& leg) {
    return leg.role() == pb::Leg::AGENT && leg.has_connect_time();
  });
}

/// What every answer of the menu leaves behind, before the task that carries it.
Draft MenuAnswered(const pb::Call& call, std::int64_t directive_version, TimePoint now) {
  Draft draft(call, now);
  draft.call().set_answered_version(directive_version);
  draft.Happened(pb::CallEvent::INPUT, LiveLeg(draft.call(), pb::Leg::IVR));
  return draft;
}

pb::CallTask::SendInput& OweInput(Draft& draft) {
  const auto& c = draft.call();
  const bool assisted = IsAssisted(c);
  auto& task = draft.Owe();
  if (assisted) task.set_assistance(c.assistance().name());
  auto& input = *task.mutable_send_input();
  input.set_session(assisted ? c.assistance().session() : c.session());
  input.set_session_version(assisted ? c.assistance().session_version() : c.session_version());
  input.set_directive_version(c.answered_version());
  return input;
}

/// Made by us, and nobody has answered.
bool IsUnanswered(const pb::Call& call) {
  return call.direction() == pb::Call::OUTBOUND && !call.has_answer_time();
}

/// The end of a call, whatever led to it.
Change Finish(Draft draft, pb::Call::Cause cause) {
  auto& c = draft.call();
  const bool menu_open = MenuMayBeOpen(c);
  draft.BreakOff("CALL_ENDED");
  for (auto& leg : *c.mutable_legs())
    if (IsLive(leg)) draft.End(leg, pb::Leg::ENDED, cause);
  const bool failed = IsUnanswered(c) || (IsFailure(cause) && !WasEstablished(c));
  // A switch that was told nothing of the call has nothing to release.
  if (!c.directive().has_release() && c.directive().version() > 0) draft.DirectRelease(cause);
  draft.Enter(failed ? pb::Call::FAILED : pb::Call::CLEARED);
  c.set_cause(cause);
  *c.mutable_durations()->mutable_total() = ToProto(draft.at() - FromProto(c.create_time()));
  draft.Happened(failed ? pb::CallEvent::FAILED : pb::CallEvent::CLEARED, nullptr, cause);
  if (menu_open) draft.Owe().mutable_end_session()->set_cause(cause);
  if (!c.interaction().empty()) draft.OweMediaEnded();
  return draft.Done(Announcement::kCleared);
}

/// A call that begins: its times, its spans (all there from the beginning, as the rows have them), its state.
Draft Begun(const std::string& id, pb::Call::Direction direction, TimePoint now) {
  Draft draft({}, now);
  auto& call = draft.call();
  call.set_name(CallName(id));
  *call.mutable_create_time() = ToProto(now);
  call.set_direction(direction);
  auto& spent = *call.mutable_durations();
  for (auto* each : {spent.mutable_ivr(), spent.mutable_queue(), spent.mutable_ring(), spent.mutable_talk(),
                     spent.mutable_hold(), spent.mutable_total(), spent.mutable_dial()})
    each->Clear();
  draft.Enter(pb::Call::INITIATED);
  return draft;
}

Change Append(Change before, Change after) {
  after.events.insert(after.events.begin(), before.events.begin(), before.events.end());
  after.tasks.insert(after.tasks.begin(), before.tasks.begin(), before.tasks.end());
  after.changed = before.changed || after.changed;
  after.redirected = before.redirected || after.redirected;
  return after;
}

}  // namespace

bool IsOver(const pb::Call& call) {
  return call.state() == pb::Call::CLEARED || call.state() == pb::Call::FAILED;
}

bool IsAssisted(const pb::Call& call) {
  return call.assistance().state() == pb::Assistance::ACTIVE ||
         call.assistance().state() == pb::Assistance::RETURNING;
}

bool IsReleasing(const pb::Call& call) { return !IsOver(call) && call.directive().has_release(); }

Change Unchanged(const pb::Call& call) {
  Change same;
  same.call = call;
  return same;
}

std::string CallName(const std::string& id) { return "calls/" + id; }

std::string PartyOf(pb::Call::Cause cause) {
  if (cause == pb::Call::CUSTOMER_HUNG_UP) return "CUSTOMER";
  return cause == pb::Call::AGENT_HUNG_UP ? "AGENT" : "SYSTEM";
}

Change Arrived(const pb::ReportCallArrivedRequest& report, const std::string& id,
               const std::vector<pb::Prompt>& wait, TimePoint now) {
  auto draft = Begun(id, pb::Call::INBOUND, now);
  auto& call = draft.call();
  call.set_switch_id(report.switch_id());
  call.set_switch_call_id(report.switch_call_id());
  call.set_calling_number(report.calling_number());
  call.set_called_number(report.called_number());
  call.set_trunk(report.trunk());
  const auto& customer = draft.Begin(pb::Leg::CUSTOMER, pb::Leg::CONNECTED);
  draft.Happened(pb::CallEvent::ARRIVED, &customer);
  pb::Directive music;
  music.mutable_music()->mutable_prompts()->Add(wait.begin(), wait.end());
  draft.Direct(std::move(music));
  draft.Owe().mutable_start_session();
  return draft.Done(Announcement::kDelivered);
}

namespace {

/// Who speaks on with the customer when the agent hangs up; nullptr = nobody.
pb::Leg* WhoStays(pb::Call& call) {
  for (const auto role : {pb::Leg::CONSULT, pb::Leg::OUTSIDE})
    if (auto* leg = LiveLeg(call, role); leg != nullptr && leg->has_connect_time()) return leg;
  return nullptr;
}

int PartiesIn(const pb::Call& call) {
  return static_cast<int>(std::count_if(call.legs().begin(), call.legs().end(),
                                        [](const pb::Leg& leg) { return IsLive(leg) && IsParty(leg); }));
}

/// The directive that says who is in the call: the live parties, or music for a customer who waits.
pb::Directive BridgeOf(const pb::Call& call, bool customer_holds) {
  pb::Directive directive;
  for (const auto& leg : call.legs()) {
    if (!IsLive(leg) || !IsParty(leg)) continue;
    auto& party = *directive.mutable_bridge()->add_parties();
    party.set_leg(leg.name());
    party.set_agent(leg.agent());
    party.set_extension(leg.extension());
    party.set_phone_number(leg.phone_number());
    party.set_audio(leg.audio());
    party.set_reservation(leg.reservation());
    party.set_interaction(leg.interaction());
  }
  if (directive.has_bridge())
    directive.mutable_bridge()->set_customer_holds(customer_holds);
  else
    directive.mutable_music()->set_interaction(call.interaction());
  return directive;
}

/// The directive that lets the customer speak with the agent, and with whoever else is in the call, again.
pb::Directive ReconnectionOf(pb::Call& call) {
  const auto* agent = LiveLeg(call, pb::Leg::AGENT);
  if (PartiesIn(call) > 1 || agent == nullptr) return BridgeOf(call, false);
  pb::Directive connect;
  connect.mutable_connect()->set_leg(agent->name());
  connect.mutable_connect()->set_agent(agent->agent());
  connect.mutable_connect()->set_extension(agent->extension());
  return connect;
}

Change GivenBack(Draft draft) {
  draft.Direct(ReconnectionOf(draft.call()));
  return draft.Done();
}

/// The flow that an agent sent the caller into said what is next.
Change AssistanceStepped(const pb::Call& call, const MenuStep& step, TimePoint now) {
  const auto& known = call.assistance();
  if (known.name() != step.assistance || known.state() != pb::Assistance::ACTIVE ||
      step.version <= known.session_version())
    return Unchanged(call);
  Draft draft(call, now);
  auto& assistance = *draft.call().mutable_assistance();
  assistance.set_session(step.session);
  assistance.set_session_version(step.version);
  const auto& next = step.instruction;
  if (step.returns) {
    assistance.set_done(step.done);
    *assistance.mutable_result() = step.result;
    assistance.set_state(pb::Assistance::RETURNING);
    if (next.play().prompts().empty()) {
      draft.EndAssistance(pb::Assistance::RETURNED);
      return GivenBack(std::move(draft));
    }
  } else if (!next.has_play() && !next.has_collect() && !next.has_record()) {
    draft.BreakOff("STEP_UNFIT");
    return GivenBack(std::move(draft));
  }
  draft.Direct(next);
  return draft.Done();
}

}  // namespace

Result<Change> Assisted(const pb::Call& call, const pb::AssistCallRequest& request, const std::string& agent,
                        const std::string& assistance, const std::vector<pb::Prompt>& wait, TimePoint now) {
  if (IsOver(call) || IsReleasing(call)) return errors::CallOver(call.name());
  Draft draft(call, now);
  auto& c = draft.call();
  const auto* leg = LiveLeg(c, pb::Leg::AGENT);
  if (leg == nullptr || leg->agent() != agent) return errors::CallNotYours(call.name());
  if (call.state() != pb::Call::ESTABLISHED) return errors::CallNotEstablished(call.name());
  if (IsAssisted(call)) return errors::AssistanceActive(call.assistance().name());
  auto& asked = *c.mutable_assistance();
  asked.Clear();
  asked.set_name(assistance);
  asked.set_agent(agent);
  asked.set_flow(request.flow());
  asked.set_customer(request.customer());
  asked.set_state(pb::Assistance::ACTIVE);
  *asked.mutable_start_time() = ToProto(draft.at());
  draft.Happened(pb::CallEvent::ASSISTED, &draft.Begin(pb::Leg::IVR, pb::Leg::CONNECTED));
  pb::Directive music;
  music.mutable_music()->mutable_prompts()->Add(wait.begin(), wait.end());
  draft.Direct(std::move(music));
  auto& task = draft.Owe();
  task.set_assistance(assistance);
  task.mutable_start_assistance();
  return draft.Done();
}

Change AssistanceRefused(const pb::Call& call, const std::string& assistance, const std::string& reason,
                         TimePoint now) {
  if (!IsAssisted(call) || call.assistance().name() != assistance) return Unchanged(call);
  Draft draft(call, now);
  draft.EndAssistance(pb::Assistance::BROKEN_OFF, reason);
  return GivenBack(std::move(draft));
}

Result<Change> TakenBack(const pb::Call& call, const std::string& agent, TimePoint now) {
  if (!IsAssisted(call)) return Unchanged(call);
  if (call.assistance().agent() != agent) return errors::CallNotYours(call.name());
  Draft draft(call, now);
  draft.BreakOff("TAKEN_BACK");
  return GivenBack(std::move(draft));
}

Result<Change> Keyed(const pb::Call& call, const std::string& agent, TimePoint now) {
  if (IsOver(call) || IsReleasing(call)) return errors::CallOver(call.name());
  const auto* leg = SpeakingLeg(call, agent);
  if (leg == nullptr) return errors::CallNotYours(call.name());
  if (IsAssisted(call)) return errors::AssistanceActive(call.assistance().name());
  Draft draft(call, now);
  draft.Happened(pb::CallEvent::KEYED, leg);
  return draft.Done();
}

pb::Directive KeysFor(const pb::Call& call, const std::string& agent, const std::string& digits) {
  pb::Directive keys;
  keys.set_call(call.name());
  keys.set_version(call.directive().version());
  keys.set_switch_call_id(call.switch_call_id());
  keys.set_client(call.client());
  *keys.mutable_issue_time() = call.update_time();
  const auto* leg = SpeakingLeg(call, agent);
  CARILLON_CHECK(leg != nullptr);  // Keyed has seen it
  keys.mutable_keys()->set_leg(leg->name());
  keys.mutable_keys()->set_digits(digits);
  return keys;
}

Result<Change> Marked(const pb::Call& call, const pb::MarkCallRequest& request, const std::string& agent,
                      TimePoint now) {
  if (IsOver(call) || IsReleasing(call)) return errors::CallOver(call.name());
  const auto leg = std::find_if(call.legs().begin(), call.legs().end(), [&](const pb::Leg& one) {
    return IsParty(one) && one.agent() == agent &&
           (one.state() == pb::Leg::CONNECTED || one.state() == pb::Leg::HELD);
  });
  if (leg == call.legs().end()) return errors::CallNotYours(call.name());
  Draft draft(call, now);
  draft.Happened(pb::CallEvent::MARKED, &*leg);
  auto change = draft.Done();
  change.events.back().set_mark(request.mark());
  change.events.back().set_note(request.note());
  return change;
}

Change MenuStepped(const pb::Call& call, const MenuStep& step, TimePoint now) {
  if (!step.assistance.empty()) return AssistanceStepped(call, step, now);
  if (step.session == call.session() && step.version <= call.session_version()) return Unchanged(call);
  Draft draft(call, now);
  auto& c = draft.call();
  const bool first = c.session().empty();
  c.set_session(step.session);
  c.set_session_version(step.version);
  if (c.client().empty()) c.set_client(step.client);
  const bool brings = !step.interaction.empty() && c.interaction().empty();
  if (brings) c.set_interaction(step.interaction);

  if (IsOver(c)) {  // the caller left while the menu handed over
    if (brings) draft.OweMediaEnded();
    return draft.Done();
  }
  if (c.state() != pb::Call::INITIATED) return draft.Done();  // routing was quicker than the menu's answer
  if (first) draft.Happened(pb::CallEvent::SESSION_STARTED, &draft.Begin(pb::Leg::IVR, pb::Leg::CONNECTED));
  if (auto* outside = LiveLeg(c, pb::Leg::OUTSIDE); outside != nullptr)  // the menu thought better of it
    draft.End(*outside, pb::Leg::ENDED, pb::Call::TRANSFERRED);
  if (step.instruction.has_music()) {
    draft.EndMenu();
    if (IsReleasing(c)) return draft.Done();
    draft.Enter(pb::Call::QUEUED);
    draft.Happened(pb::CallEvent::QUEUED);
    auto music = step.instruction;
    music.mutable_music()->set_interaction(c.interaction());
    draft.Direct(std::move(music));
    return draft.Done();
  }
  if (step.instruction.has_release()) {
    draft.EndMenu();
    if (IsReleasing(c)) return draft.Done();
    draft.Happened(pb::CallEvent::RELEASED, nullptr, pb::Call::SYSTEM);
    auto release = step.instruction;
    release.mutable_release()->set_cause(pb::Call::Cause_Name(pb::Call::SYSTEM));
    draft.Direct(std::move(release));
    return draft.Done();
  }
  if (IsReleasing(c)) return draft.Done();
  auto next = step.instruction;
  if (next.has_transfer()) {
    auto& leg = draft.Begin(pb::Leg::OUTSIDE, pb::Leg::ALERTING);
    leg.set_phone_number(next.transfer().phone_number());
    leg.set_audio(pb::Party::TALKS);
    next.mutable_transfer()->set_leg(leg.name());
    draft.Happened(pb::CallEvent::TRANSFERRING, &leg);
  }
  draft.Direct(std::move(next));
  return draft.Done();
}

Change MenuRefused(const pb::Call& call, pb::Call::Cause cause, TimePoint now) {
  // An agent who has the call keeps it, whatever the menu thinks.
  return call.state() == pb::Call::INITIATED ? Released(call, cause, now) : Unchanged(call);
}

Change MenuLeft(const pb::Call& call, const std::string& interaction, TimePoint now) {
  if (!IsOver(call) || interaction.empty() || !call.interaction().empty()) return Unchanged(call);
  Draft draft(call, now);
  draft.call().set_interaction(interaction);
  draft.OweMediaEnded();
  return draft.Done();
}

Change Originated(const pb::OriginateCallRequest& request, const std::string& id, TimePoint now) {
  auto draft = Begun(id, pb::Call::OUTBOUND, now);
  draft.call().set_switch_id(request.switch_id());
  draft.Happened(pb::CallEvent::ORIGINATED);
  draft.Owe().mutable_redeem_dial_token()->set_dial_token(request.dial_token());
  return draft.Done();
}

Change Redeemed(const pb::Call& call, const DialOrder& order, TimePoint now) {
  if (!call.attempt().empty()) return Unchanged(call);
  Draft draft(call, now);
  auto& c = draft.call();
  c.set_attempt(order.attempt);
  c.set_customer(order.customer);
  c.set_client(order.destination.client());
  c.set_calling_number(order.dial.called_number());
  c.set_called_number(order.dial.caller_number());
  *c.mutable_destination() = order.destination;
  for (const auto& [key, value] : order.data) (*c.mutable_data())[key] = value;
  if (IsOver(c)) return draft.Done(Announcement::kCleared);
  if (draft.at() - FromProto(c.create_time()) >= kLeaveWithin)
    return Finish(std::move(draft), pb::Call::CONGESTION);
  *c.mutable_dial_time() = ToProto(draft.at());
  draft.Happened(pb::CallEvent::DIALLED, &draft.Begin(pb::Leg::CUSTOMER, pb::Leg::ALERTING));
  pb::Directive dial;
  *dial.mutable_dial() = order.dial;
  draft.Direct(std::move(dial));
  return draft.Done(Announcement::kDialled);
}

Change NotAuthorised(const pb::Call& call, TimePoint now) {
  if (IsOver(call) || !call.attempt().empty()) return Unchanged(call);
  return Finish(Draft(call, now), pb::Call::NOT_AUTHORISED);
}

Result<Change> Answered(const pb::Call& call, const pb::ReportAnsweredRequest& report,
                        const std::vector<pb::Prompt>& wait, TimePoint now) {
  if (call.direction() != pb::Call::OUTBOUND) return errors::CallNotDialled(call.name());
  if (IsOver(call) || call.has_answer_time() || IsReleasing(call)) return Unchanged(call);
  if (!call.has_dial_time()) return errors::CallNotDialled(call.name());
  Draft draft(call, now);
  auto& c = draft.call();
  if (!report.switch_call_id().empty()) c.set_switch_call_id(report.switch_call_id());
  *c.mutable_answer_time() = ToProto(draft.at());
  auto* customer = LiveLeg(c, pb::Leg::CUSTOMER);
  CARILLON_CHECK(customer != nullptr);
  draft.Move(*customer, pb::Leg::CONNECTED);
  draft.Enter(pb::Call::QUEUED);
  draft.Happened(pb::CallEvent::ANSWERED, customer);
  pb::Directive music;
  music.mutable_music()->mutable_prompts()->Add(wait.begin(), wait.end());
  draft.Direct(std::move(music));
  draft.Owe().mutable_create_interaction();
  return draft.Done(Announcement::kAnswered);
}

Change InteractionMade(const pb::Call& call, const std::string& interaction, TimePoint now) {
  if (!call.interaction().empty()) return Unchanged(call);  // routing was quicker than its own answer
  Draft draft(call, now);
  auto& c = draft.call();
  c.set_interaction(interaction);
  if (IsOver(c)) {
    draft.OweMediaEnded();
  } else if (!IsReleasing(c)) {
    pb::Directive music;
    *music.mutable_music() = c.directive().music();
    music.mutable_music()->set_interaction(interaction);
    draft.Direct(std::move(music));
  }
  return draft.Done();
}

Change InteractionRefused(const pb::Call& call, TimePoint now) {
  return call.interaction().empty() ? Released(call, pb::Call::SYSTEM, now) : Unchanged(call);
}

std::optional<TimePoint> DialDue(const pb::Call& call) {
  if (IsOver(call) || IsReleasing(call) || !IsUnanswered(call)) return std::nullopt;
  if (!call.has_dial_time()) return FromProto(call.create_time()) + kLeaveWithin;
  return FromProto(call.dial_time()) + FromProto(call.directive().dial().ring_duration()) + kRingGrace;
}

Result<bool> Answers(const pb::Call& call, std::int64_t version, bool played) {
  if (version > call.directive().version()) return errors::DirectiveUnknown();
  const auto& directive = call.directive();
  const bool asked = played ? directive.has_play() : directive.has_collect() || directive.has_record();
  return !IsOver(call) && version == call.directive().version() && version > call.answered_version() && asked;
}

Result<Change> InputReported(const pb::Call& call, const pb::ReportInputRequest& report, TimePoint now) {
  TRY(const bool answers, Answers(call, report.directive_version(), false));
  if (!answers) return Unchanged(call);
  auto draft = MenuAnswered(call, report.directive_version(), now);
  auto& input = OweInput(draft);
  if (report.has_digits())
    input.set_digits(report.digits());
  else if (report.has_recorded())
    *input.mutable_recorded() = report.recorded();
  else
    input.set_timed_out(true);
  return draft.Done();
}

Result<Change> PlayedReported(const pb::Call& call, const pb::ReportPlayedRequest& report, TimePoint now) {
  TRY(const bool answers, Answers(call, report.directive_version(), true));
  if (!answers) return Unchanged(call);
  auto draft = MenuAnswered(call, report.directive_version(), now);
  if (call.assistance().state() == pb::Assistance::RETURNING) {
    draft.EndAssistance(pb::Assistance::RETURNED);
    return GivenBack(std::move(draft));
  }
  OweInput(draft).set_played(true);
  return draft.Done();
}

Result<Change> SecretAnswered(const pb::Call& call, std::int64_t directive_version, const MenuStep& step,
                              TimePoint now) {
  TRY(const bool answers, Answers(call, directive_version, false));
  if (!answers) return MenuStepped(call, step, now);  // the caller may have left in between
  auto answered = MenuAnswered(call, directive_version, now).Done();
  auto stepped = MenuStepped(answered.call, step, now);
  return Append(std::move(answered), std::move(stepped));
}

namespace {

pb::Leg::Role RoleOf(const pb::Party& party, const pb::Call& call) {
  if (!party.phone_number().empty()) return pb::Leg::OUTSIDE;
  if (party.interaction().empty())
    return party.audio() == pb::Party::LISTENS ? pb::Leg::SUPERVISOR_SILENT : pb::Leg::SUPERVISOR_ACTIVE;
  return party.interaction() == call.interaction() ? pb::Leg::AGENT : pb::Leg::CONSULT;
}

/// Speaks, or will when it answers, with the customer for good.
bool Serves(const pb::Leg& leg) { return leg.role() == pb::Leg::AGENT || leg.role() == pb::Leg::OUTSIDE; }

/// Where a call with these legs stands.
pb::Call::State StateWith(const pb::Call& call, bool customer_holds) {
  bool rings = false, speaks = false;
  for (const auto& leg : call.legs()) {
    if (!IsLive(leg) || !IsParty(leg)) continue;
    (leg.state() == pb::Leg::ALERTING ? rings : speaks) |= Serves(leg);
  }
  if (!speaks) return rings ? pb::Call::DELIVERED : pb::Call::QUEUED;
  return customer_holds ? pb::Call::HELD : pb::Call::ESTABLISHED;
}

/// A party is gone; the others stay as they are, and routing says what is to become of that.
Change PartyLeft(Draft draft, pb::Leg& leg, pb::Leg::State state, pb::Call::Cause cause) {
  auto& c = draft.call();
  draft.BreakOff("CALL_CHANGED");
  draft.End(leg, state, cause);
  const bool holds = c.state() == pb::Call::HELD;
  if (const auto now = StateWith(c, holds); now != c.state()) draft.Enter(now);
  const bool failed_agent = leg.role() == pb::Leg::AGENT && state == pb::Leg::FAILED;
  draft.Happened(failed_agent ? pb::CallEvent::AGENT_LEG_FAILED : pb::CallEvent::PARTY_LEFT, &leg, cause);
  draft.Direct(BridgeOf(c, holds));
  auto& failed = *draft.Owe().mutable_media_failed();
  failed.set_interaction(leg.interaction().empty() ? c.interaction() : leg.interaction());
  failed.set_reservation(leg.reservation());
  failed.set_cause(cause);
  return draft.Done();
}

/// What became of the number outside that the menu had rung; the menu is told.
Change TransferReported(Draft draft, pb::Leg& leg, const pb::ReportAgentLegRequest& report) {
  auto& c = draft.call();
  c.set_answered_version(c.directive().version());
  if (report.state() == pb::ReportAgentLegRequest::CONNECTED) {
    draft.EndMenu();
    draft.Move(leg, pb::Leg::CONNECTED);
    draft.Enter(pb::Call::ESTABLISHED);
    draft.Happened(pb::CallEvent::ESTABLISHED, &leg);
    OweInput(draft).set_transferred(pb::Call::CAUSE_UNSPECIFIED);
    return draft.Done();
  }
  const auto cause = report.cause() == pb::Call::CAUSE_UNSPECIFIED ? pb::Call::NO_ANSWER : report.cause();
  draft.End(leg, pb::Leg::FAILED, cause);
  draft.Happened(pb::CallEvent::TRANSFER_FAILED, &leg, cause);
  OweInput(draft).set_transferred(cause);
  pb::Directive music;
  music.mutable_music();
  draft.Direct(std::move(music));
  return draft.Done();
}

}  // namespace

Result<Change> AgentConnecting(const pb::Call& call, const pb::ConnectAgentRequest& request, TimePoint now) {
  for (const auto& leg : call.legs())
    if (leg.role() == pb::Leg::AGENT && leg.reservation() == request.reservation()) return Unchanged(call);
  if (IsOver(call) || IsReleasing(call)) return errors::CallOver(call.name());
  if (IsUnanswered(call)) return errors::CallNotAnswered(call.name());
  Draft draft(call, now);
  auto& c = draft.call();
  if (const auto* agent = LiveLeg(c, pb::Leg::AGENT); agent != nullptr && agent->state() == pb::Leg::ALERTING)
    return errors::CallHasAgent(agent->name());
  for (auto& leg : *c.mutable_legs())
    if (IsLive(leg) && IsParty(leg)) draft.End(leg, pb::Leg::ENDED, pb::Call::TRANSFERRED);
  draft.BreakOff("CALL_CHANGED");
  draft.EndMenu();
  if (auto* customer = LiveLeg(c, pb::Leg::CUSTOMER);
      customer != nullptr && customer->state() == pb::Leg::HELD)
    draft.Move(*customer, pb::Leg::CONNECTED);
  c.set_interaction(request.interaction());
  auto& leg = draft.Begin(pb::Leg::AGENT, pb::Leg::ALERTING);
  leg.set_agent(request.agent());
  leg.set_extension(request.extension());
  leg.set_reservation(request.reservation());
  leg.set_interaction(request.interaction());
  leg.set_audio(pb::Party::TALKS);
  draft.Enter(pb::Call::DELIVERED);
  draft.Happened(pb::CallEvent::DELIVERED, &leg);
  pb::Directive connect;
  connect.mutable_connect()->set_leg(leg.name());
  connect.mutable_connect()->set_agent(leg.agent());
  connect.mutable_connect()->set_extension(leg.extension());
  draft.Direct(std::move(connect));
  return draft.Done();
}

Result<Change> Arranged(const pb::Call& call, const pb::ArrangeCallRequest& request, TimePoint now) {
  Draft draft(call, now);
  auto& c = draft.call();
  if (IsOver(c) || IsReleasing(c)) {
    if (c.interaction() == request.interaction()) return errors::CallOver(c.name());
    // The customer left while agents passed the call on: the interaction that is theirs now is told.
    c.set_interaction(request.interaction());
    if (IsOver(c)) draft.OweMediaEnded();
    return draft.Done();
  }
  if (IsUnanswered(c)) return errors::CallNotAnswered(c.name());
  draft.BreakOff("CALL_CHANGED");
  draft.EndMenu();
  c.set_interaction(request.interaction());
  for (auto& leg : *c.mutable_legs())
    if (IsLive(leg) && IsParty(leg) &&
        std::none_of(request.parties().begin(), request.parties().end(),
                     [&](const pb::Party& party) { return party.reservation() == leg.reservation(); }))
      draft.End(leg, pb::Leg::ENDED, pb::Call::TRANSFERRED);
  for (const auto& party : request.parties()) {
    const auto found = std::find_if(
        c.mutable_legs()->begin(), c.mutable_legs()->end(),
        [&](const pb::Leg& leg) { return IsParty(leg) && leg.reservation() == party.reservation(); });
    const bool known = found != c.mutable_legs()->end();
    if (known && !IsLive(*found)) continue;  // gone already; routing hears of that
    auto& leg = known ? *found : draft.Begin(RoleOf(party, c), pb::Leg::ALERTING);
    leg.set_role(RoleOf(party, c));
    leg.set_agent(party.agent());
    leg.set_extension(party.extension());
    leg.set_phone_number(party.phone_number());
    leg.set_reservation(party.reservation());
    leg.set_interaction(party.interaction());
    leg.set_audio(party.audio());
    const bool holds = party.audio() == pb::Party::HOLDS;
    if (leg.state() == (holds ? pb::Leg::CONNECTED : pb::Leg::HELD))
      draft.Move(leg, holds ? pb::Leg::HELD : pb::Leg::CONNECTED);
  }
  const auto state = StateWith(c, request.customer_holds());
  if (auto* customer = LiveLeg(c, pb::Leg::CUSTOMER); customer != nullptr) {
    const auto wanted = state == pb::Call::HELD ? pb::Leg::HELD : pb::Leg::CONNECTED;
    if (customer->state() != wanted) draft.Move(*customer, wanted);
  }
  auto directive = BridgeOf(c, request.customer_holds());
  if (c.SerializeAsString() == call.SerializeAsString() && c.state() == state &&
      directive.bridge().SerializeAsString() == call.directive().bridge().SerializeAsString() &&
      directive.has_music() == call.directive().has_music())
    return Unchanged(call);
  const auto before = c.state();
  if (before != state) draft.Enter(state);
  draft.Happened(pb::CallEvent::ARRANGED);
  draft.Direct(std::move(directive));
  const bool held = state == pb::Call::HELD && before != state;
  const bool retrieved = before == pb::Call::HELD && state == pb::Call::ESTABLISHED;
  return draft.Done(held ? Announcement::kHeld : retrieved ? Announcement::kRetrieved : Announcement::kNone);
}

Result<Change> AgentLegReported(const pb::Call& call, const pb::ReportAgentLegRequest& report,
                                TimePoint now) {
  Draft draft(call, now);
  auto& c = draft.call();
  const auto found =
      std::find_if(c.mutable_legs()->begin(), c.mutable_legs()->end(),
                   [&](const pb::Leg& leg) { return leg.name() == report.leg() && IsParty(leg); });
  if (found == c.mutable_legs()->end()) return errors::LegUnknown(report.leg());
  auto& leg = *found;
  if (!IsLive(leg) || IsOver(c) || IsReleasing(c)) return Unchanged(call);
  if (leg.state() == pb::Leg::ALERTING && c.directive().transfer().leg() == leg.name())
    return TransferReported(std::move(draft), leg, report);
  const bool rings = leg.state() == pb::Leg::ALERTING;
  if (report.state() == pb::ReportAgentLegRequest::ENDED && !rings) {
    if (leg.role() == pb::Leg::AGENT) {
      auto* const stays = WhoStays(c);
      if (stays == nullptr) return Released(call, pb::Call::AGENT_HUNG_UP, now);
      // A colleague serves the customer from now on; routing says under which interaction.
      if (stays->role() == pb::Leg::CONSULT) stays->set_role(pb::Leg::AGENT);
    } else if (leg.role() == pb::Leg::OUTSIDE && LiveLeg(c, pb::Leg::AGENT) == nullptr) {
      return Released(call, pb::Call::AGENT_HUNG_UP, now);
    }
    return PartyLeft(std::move(draft), leg, pb::Leg::ENDED, pb::Call::AGENT_HUNG_UP);
  }
  if (!rings) return Unchanged(call);

  if (report.state() == pb::ReportAgentLegRequest::CONNECTED) {
    const bool serves = Serves(leg) && c.state() == pb::Call::DELIVERED;
    const bool transferred = serves && WasEstablished(c);
    draft.Move(leg, pb::Leg::CONNECTED);
    if (serves) draft.Enter(pb::Call::ESTABLISHED);
    draft.Happened(transferred ? pb::CallEvent::TRANSFERRED
                   : serves    ? pb::CallEvent::ESTABLISHED
                               : pb::CallEvent::PARTY_JOINED,
                   &leg);
    if (leg.role() == pb::Leg::AGENT || leg.role() == pb::Leg::CONSULT) {
      auto& connected = *draft.Owe().mutable_media_connected();
      connected.set_interaction(leg.interaction().empty() ? c.interaction() : leg.interaction());
      connected.set_reservation(leg.reservation());
      *connected.mutable_connect_time() = leg.connect_time();
    }
    return draft.Done(transferred ? Announcement::kTransferred
                      : serves    ? Announcement::kEstablished
                                  : Announcement::kNone);
  }
  return PartyLeft(std::move(draft), leg, pb::Leg::FAILED, pb::Call::NO_ANSWER);
}

Change HungUp(const pb::Call& call, pb::ReportHangUpRequest::Party party, pb::Call::Cause cause,
              TimePoint now) {
  if (IsOver(call)) return Unchanged(call);
  if (cause == pb::Call::CAUSE_UNSPECIFIED) cause = CauseOf(party);
  if (cause == pb::Call::CUSTOMER_HUNG_UP && IsUnanswered(call)) cause = pb::Call::REJECTED;
  if (IsReleasing(call)) pb::Call::Cause_Parse(call.directive().release().cause(), &cause);
  return Finish(Draft(call, now), cause);
}

Result<Change> Held(const pb::Call& call, TimePoint now) {
  if (IsOver(call) || IsReleasing(call)) return errors::CallOver(call.name());
  if (call.state() == pb::Call::HELD) return Unchanged(call);
  if (call.state() != pb::Call::ESTABLISHED) return errors::CallNotEstablished(call.name());
  Draft draft(call, now);
  auto* customer = LiveLeg(draft.call(), pb::Leg::CUSTOMER);
  CARILLON_CHECK(customer != nullptr);
  draft.BreakOff("CALL_CHANGED");
  draft.Move(*customer, pb::Leg::HELD);
  draft.Enter(pb::Call::HELD);
  draft.Happened(pb::CallEvent::HELD, customer);
  const auto* agent = LiveLeg(draft.call(), pb::Leg::AGENT);
  if (PartiesIn(draft.call()) > 1 || agent == nullptr) {
    draft.Direct(BridgeOf(draft.call(), true));
    return draft.Done(Announcement::kHeld);
  }
  pb::Directive hold;
  hold.mutable_hold()->set_leg(agent->name());
  draft.Direct(std::move(hold));
  return draft.Done(Announcement::kHeld);
}

Result<Change> Retrieved(const pb::Call& call, TimePoint now) {
  if (IsOver(call) || IsReleasing(call)) return errors::CallOver(call.name());
  if (IsAssisted(call)) return TakenBack(call, call.assistance().agent(), now);
  if (call.state() == pb::Call::ESTABLISHED) return Unchanged(call);
  if (call.state() != pb::Call::HELD) return errors::CallNotEstablished(call.name());
  Draft draft(call, now);
  auto* customer = LiveLeg(draft.call(), pb::Leg::CUSTOMER);
  CARILLON_CHECK(customer != nullptr);
  draft.Move(*customer, pb::Leg::CONNECTED);
  draft.Enter(pb::Call::ESTABLISHED);
  draft.Happened(pb::CallEvent::RETRIEVED, customer);
  draft.Direct(ReconnectionOf(draft.call()));
  return draft.Done(Announcement::kRetrieved);
}

Change Released(const pb::Call& call, pb::Call::Cause cause, TimePoint now) {
  if (IsOver(call) || IsReleasing(call)) return Unchanged(call);
  if (IsUnanswered(call) && !call.has_dial_time()) return Finish(Draft(call, now), cause);
  Draft draft(call, now);
  draft.BreakOff("CALL_ENDED");
  draft.Happened(pb::CallEvent::RELEASED, nullptr, cause);
  draft.DirectRelease(cause);
  return draft.Done();
}

Result<Change> DataAttached(const pb::Call& call, const google::protobuf::Map<std::string, std::string>& data,
                            TimePoint now) {
  if (IsOver(call)) return errors::CallOver(call.name());
  Draft draft(call, now);
  auto& merged = *draft.call().mutable_data();
  for (const auto& [key, value] : data) {
    if (value.empty())
      merged.erase(key);
    else
      merged[key] = value;
  }
  std::size_t bytes = 0;
  for (const auto& [key, value] : merged) bytes += key.size() + value.size();
  if (bytes > kMostData) return errors::CallDataTooLarge(bytes);
  draft.Happened(pb::CallEvent::DATA_ATTACHED);
  return draft.Done();
}

std::optional<Change> Overdue(const pb::Call& call, Duration longest, Duration grace, TimePoint now) {
  if (IsOver(call)) return std::nullopt;
  if (IsReleasing(call)) {
    if (now - FromProto(call.directive().issue_time()) < grace) return std::nullopt;
    return HungUp(call, pb::ReportHangUpRequest::SYSTEM, pb::Call::SYSTEM, now);
  }
  if (const auto due = DialDue(call); due && now >= *due)
    return Finish(Draft(call, now), call.has_dial_time() ? pb::Call::NO_ANSWER : pb::Call::CONGESTION);
  if (now - FromProto(call.create_time()) < longest) return std::nullopt;
  return Released(call, pb::Call::SYSTEM, now);
}

}  // namespace carillon::telephony::domain
