#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// Customers are passed on, colleagues asked for advice, supervisors come in. Every agent has an interaction
/// of their own with one outcome; `parent` and `root` tie the segments of a contact together.
namespace carillon::routing::domain {
namespace {

using Party = pb::ArrangeCallTask::Party;

constexpr int kMostSupervisors = 3;

/// A line outside that speaks for an interaction of ours.
Party Outside(const std::string& interaction, const std::string& number, const std::string& reservation) {
  Party party;
  party.set_phone_number(number);
  party.set_reservation(reservation);
  party.set_interaction(interaction);
  party.set_audio(Party::TALKS);
  return party;
}

Party Speaking(const pb::Interaction& view) {
  Party party;
  party.set_agent(view.agent());
  party.set_extension(view.extension());
  party.set_reservation(view.reservation());
  party.set_interaction(view.name());
  party.set_audio(Party::TALKS);
  return party;
}

}  // namespace

/// A number outside may be brought into the work's call.
Result<void> Engine::MayBring(const Work& work, const std::string& number) const {
  if (work.view().call().empty()) return errors::WithoutCall(work.view());
  const auto& prefixes = s_->desks.outside_prefixes();
  if (std::none_of(prefixes.begin(), prefixes.end(),
                   [&](const std::string& prefix) { return number.starts_with(prefix); }))
    return FailedPrecondition("OUTSIDE_FORBIDDEN", "The desk rules do not let agents call this number.");
  return Ok();
}

/// The agent is there and could get the work, now or when done with the one in hand.
Result<void> Engine::MayReceive(const Work& work, std::string_view agent) const {
  if (work.session->agent == agent)
    return InvalidArgument("TRANSFER_TO_SELF", "The work is there already.", {{"agent", "somebody else"}});
  if (!s_->agents.contains(agent)) return errors::Unknown("AGENT", NameOf("agents", agent));
  const Session* const found = s_->sessions.Find(agent);
  if (found == nullptr) return errors::NotSignedIn(std::string(agent));
  const auto& view = found->view();
  if (view.state() == pb::AgentSession::NOT_READY || !view.desk_connected() || IsLeaving(view))
    return errors::NotAvailable(view);
  return Ok();
}

/// A new segment of the same contact, with all that travels.
std::unique_ptr<Engine::Work> Engine::ChildOf(const pb::InteractionRecord& record, const std::string& id,
                                              const std::string& briefing) {
  const auto& from = record.interaction();
  auto made = std::make_unique<Work>();
  made->id = id;
  auto& view = made->view();
  view.set_name(NameOf("interactions", id));
  view.set_channel(from.channel() == carillon::type::v1::CALLBACK ? carillon::type::v1::VOICE
                                                                  : from.channel());
  view.set_direction(from.direction());
  view.set_client(from.client());
  view.set_call(from.call());
  view.set_customer(from.customer());
  view.set_calling_number(from.calling_number());
  view.set_called_number(from.called_number());
  *view.mutable_required_skills() = from.required_skills();
  view.set_priority(from.priority());
  view.set_grade(from.grade());
  view.set_elderly(from.elderly());
  view.set_language(from.language());
  view.set_region(from.region());
  *view.mutable_menu_path() = from.menu_path();
  view.set_reason(from.reason());
  view.set_identity_level(from.identity_level());
  *view.mutable_attached_data() = from.attached_data();
  *view.mutable_excluded_agents() = from.excluded_agents();
  view.set_parent(from.name());
  view.set_root(from.root().empty() ? from.name() : from.root());
  view.set_transfers(from.transfers());
  view.set_briefing(briefing);
  made->record.set_effective_arrival(record.effective_arrival());
  return made;
}

/// Telephony is to make the call's parties so. Nobody: the customer waits.
void Engine::OweArrangement(const Work& customer, bool holds, std::vector<Party> parties) {
  if (customer.view().call().empty()) return;
  auto task = std::make_shared<pb::ArrangeCallTask>();
  task->set_call(customer.view().call());
  task->set_interaction(customer.view().name());
  task->set_customer_holds(holds);
  for (auto& party : parties) *task->add_parties() = std::move(party);
  out_.tasks.push_back({customer.view().call(), task});
}

/// The agent has no customer any more; what is left is to write up.
void Engine::LetGo(Work& work, const char* cause) {
  Tell<pb::InteractionTransferred>(work);
  pb::MediaCommand ended;
  ended.set_party("AGENT");
  ended.set_cause(cause);
  BeginWrap(work, now_, ended);
}

/// Where somebody who receives is looked for, once all that can be known before allows it.
Result<Engine::Room*> Engine::Destination(const Work& work, const pb::TransferCommand& in) const {
  if (work.view().has_consult())
    return FailedPrecondition("CONSULT_OPEN", "A colleague is being asked: complete or end that first.");
  switch (in.to_case()) {
    case pb::TransferCommand::kToAgent:
      TRY_VOID(MayReceive(work, IdPart(in.to_agent())));
      return work.room;
    case pb::TransferCommand::kToQueue: {
      TRY(const auto queue, ResolveQueue(in.to_queue()));
      return Entrance(*s_->RoomOf(queue));
    }
    case pb::TransferCommand::kPhoneNumber:
      TRY_VOID(MayBring(work, in.phone_number()));
      return work.room;
    case pb::TransferCommand::TO_NOT_SET:
      break;
  }
  return InvalidArgument("TARGET_MISSING", "Where to?", {{"to", "agent, queue or phone_number"}});
}

Result<void> Engine::MayMeet(const Session& session, const Work& work) {
  if (!NotPaired(session, work)) return Ok();
  return FailedPrecondition("AGENT_NOT_PAIRED", "This agent and this customer are not brought together.",
                            {{"agent", session.view().agent()}});
}

/// For whom the new segment is: not for who makes it, first for whom they name.
void Engine::Aim(Work& child, const pb::TransferCommand& in, const Room& room) {
  if (in.has_to_agent()) {
    child.view().set_last_agent(NameOf("agents", IdPart(in.to_agent())));
    child.record.set_directed(true);
  }
  Refuse(child.record, in.agent(), now_ + RefusalDelayOf(room.rules), now_);
}

Result<void> Engine::Transfer(const pb::TransferCommand& in) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  auto& view = work->view();
  TRY(Room* const room, Destination(*work, in));
  // Who complains is not bounced: the receiver knows what it is about.
  if (in.briefing().empty() && (work->room->rules.briefing_required() || room->rules.briefing_required()))
    return InvalidArgument("BRIEFING_MISSING", "The receiver needs to know what it is about.",
                           {{"briefing", "required by the queue"}});

  if (in.has_phone_number()) {
    view.set_outside_number(in.phone_number());
    view.set_outside_reservation(NameOf("reservations", in.child()));
    OweArrangement(*work, false, {Outside(view.name(), in.phone_number(), view.outside_reservation())});
    LetGo(*work, "TRANSFERRED");
    return Ok();
  }
  return PassOn(*work, in, *room, "TRANSFERRED");
}

Result<void> Engine::PassOn(Work& work, const pb::TransferCommand& in, Room& room, const char* cause) {
  auto made = ChildOf(work.record, in.child(), in.briefing());
  Work& child = *made;
  if (in.has_to_agent()) TRY_VOID(MayMeet(*s_->sessions.Find(IdPart(in.to_agent())), child));
  Aim(child, in, room);
  child.view().set_transfers(work.view().transfers() + 1);
  work.view().set_transferred_to(child.view().name());
  OweArrangement(child, false, {});
  Place(std::move(made), room);
  LetGo(work, cause);
  return Ok();
}

// ---- advice

void Engine::BeginHold(Work& work) {
  auto& view = work.view();
  if (view.has_hold_time()) return;
  *view.mutable_hold_time() = ToProto(now_);
  view.set_hold_reminders(0);
  *view.mutable_update_time() = ToProto(now_);
  Show(*work.session);
  Touch(work);
  Arm(work);
}

void Engine::EndHolding(Work& work) {
  auto& view = work.view();
  if (!view.has_hold_time()) return;
  AddTo(view.mutable_hold_duration(), now_ - FromProto(view.hold_time()));
  view.clear_hold_time();
  *view.mutable_update_time() = ToProto(now_);
  Show(*work.session);
  Touch(work);
  Arm(work);
}

/// The interaction of the colleague who is asked; nullptr = none.
Engine::Work* Engine::AdviserOf(const Work& work) const {
  const auto found = s_->works.find(IdPart(work.view().consult().interaction()));
  return found == s_->works.end() ? nullptr : found->second.get();
}

/// Whose customer it is about; nullptr = the advice is over for them.
Engine::Work* Engine::AskedBy(const Work& advice) const {
  const auto found = s_->works.find(IdPart(advice.view().parent()));
  return found == s_->works.end() || found->second->view().consult().interaction() != advice.view().name()
             ? nullptr
             : found->second.get();
}

/// Telephony makes the call as it stands here: the agent, who was asked, and the customer on hold or not.
void Engine::OweParties(const Work& work) {
  const auto& view = work.view();
  std::vector<Party> parties{Speaking(view)};
  if (view.muted()) parties[0].set_audio(Party::MUTED);
  if (const Work* adviser = AdviserOf(work);
      adviser != nullptr && adviser->view().state() == pb::Interaction::ASSIGNED)
    parties.push_back(Speaking(adviser->view()));
  if (const auto& consult = view.consult(); !consult.phone_number().empty())
    parties.push_back(Outside(view.name(), consult.phone_number(), consult.reservation()));
  for (const auto& supervision : work.record.supervisions()) {
    Party party;
    party.set_extension(supervision.extension());
    party.set_reservation(NameOf("reservations", supervision.reservation()));
    party.set_audio(supervision.audio());
    parties.push_back(std::move(party));
  }
  OweArrangement(work, view.has_hold_time(), std::move(parties));
}

/// More to say than that the agent and the customer speak.
bool Engine::HasCompany(const Work& work) {
  return work.view().has_consult() || work.view().muted() || !work.record.supervisions().empty();
}

/// The customer is on hold now, or not.
void Engine::OweHolding(const Work& work) {
  HasCompany(work) ? OweParties(work) : OweHold(work, work.view().has_hold_time());
}

Result<void> Engine::Consult(const pb::TransferCommand& in) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  auto& view = work->view();
  TRY(Room* const room, Destination(*work, in));
  if (view.call().empty()) return errors::WithoutCall(view);
  if (!view.has_connect_time()) return errors::NotLive(view);
  auto made = ChildOf(work->record, in.child(), in.briefing());
  if (!in.has_phone_number()) {
    if (in.has_to_agent()) TRY_VOID(MayMeet(*s_->sessions.Find(IdPart(in.to_agent())), *made));
    made->view().set_direction(pb::Interaction::INTERNAL);
    Aim(*made, in, *room);
    view.mutable_consult()->set_interaction(made->view().name());
  } else {
    view.mutable_consult()->set_phone_number(in.phone_number());
    view.mutable_consult()->set_reservation(NameOf("reservations", in.child()));
  }
  BeginHold(*work);
  Touch(*work);
  OweParties(*work);
  Tell<pb::InteractionConsultChanged>(*work);
  if (!in.has_phone_number()) Place(std::move(made), *room);
  out_.answer = CopyOf(view);
  return Ok();
}

/// Who was asked took it and comes into the call.
void Engine::AdviceTaken(Work& advice) {
  Work* const asker = AskedBy(advice);
  if (asker == nullptr) return;
  *asker->view().mutable_consult()->mutable_accept_time() = ToProto(now_);
  Touch(*asker);
  OweParties(*asker);
  Tell<pb::InteractionConsultChanged>(*asker);
}

Result<Engine::Work*> Engine::OwnConsult(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  const auto& consult = work->view().consult();
  if (!work->view().has_consult()) return errors::ConsultMissing(work->view());
  if (!consult.has_accept_time() && consult.phone_number().empty())
    return FailedPrecondition("CONSULT_NOT_ANSWERED", "Nobody has answered yet.");
  return work;
}

Result<void> Engine::JoinConsult(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnConsult(in));
  auto& view = work->view();
  if (!view.consult().conference() || view.has_hold_time()) {
    view.mutable_consult()->set_conference(true);
    EndHolding(*work);
    Touch(*work);
    OweParties(*work);
    Tell<pb::InteractionConsultChanged>(*work);
  }
  out_.answer = CopyOf(view);
  return Ok();
}

Result<void> Engine::CompleteConsult(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnConsult(in));
  HandOver(*work, "TRANSFERRED");
  return Ok();
}

/// Who was asked has the customer.
void Engine::HandOver(Work& work, const char* cause) {
  auto& view = work.view();
  Work* const taker = AdviserOf(work);
  const auto consult = view.consult();
  view.clear_consult();
  if (taker == nullptr) {
    view.set_outside_number(consult.phone_number());
    view.set_outside_reservation(consult.reservation());
    OweArrangement(work, false, {Outside(view.name(), consult.phone_number(), consult.reservation())});
  } else {
    taker->view().set_direction(view.direction());
    taker->view().set_transfers(view.transfers() + 1);
    view.set_transferred_to(taker->view().name());
    Touch(*taker);
    OweParties(*taker);
  }
  LetGo(work, cause);
}

// ---- customers who come back

/// The agent's phone is gone and the customer is not: who was asked has the customer now, else the queue.
void Engine::AgentGone(Work& work, const pb::MediaCommand& in) {
  const auto& consult = work.view().consult();
  if (consult.has_accept_time() || !consult.phone_number().empty()) {
    HandOver(work, "AGENT_HUNG_UP");
    return;
  }
  DropConsult(work, false);
  if (work.session->view().pending_status() != pb::SIGNED_OUT)
    Pend(*work.session, pb::NOT_READY, "PHONE_FAILED");
  pb::TransferCommand on;
  on.set_agent(work.session->agent);
  on.set_child(in.child());
  CARILLON_CHECK(PassOn(work, on, *work.room, "PHONE_FAILED").has_value());
}

/// The line outside did not answer while the agent still writes up: the customer is theirs again, and what
/// was in between was a hold. With the desk gone the customer waits.
void Engine::TakeBack(Work& work, const pb::MediaCommand& in) {
  auto& view = work.view();
  Session& session = *work.session;
  view.clear_outside_number();
  view.clear_outside_reservation();
  *view.mutable_update_time() = ToProto(now_);
  Touch(work);
  if (!session.view().desk_connected()) {
    view.set_transferred_to(NameOf("interactions", in.child()));
    BringBack(work.record, in.child(), *work.room);
    return;
  }
  AddTo(view.mutable_hold_duration(), now_ - FromProto(view.media_end_time()));
  view.clear_media_end_time();
  view.clear_talk_duration();
  view.clear_end_party();
  view.clear_end_cause();
  view.clear_wrap_end_time();
  work.record.set_wrap_deadline(0);
  view.set_state(pb::Interaction::ASSIGNED);
  // The agent's phone is rung anew.
  work.record.set_reservation_version(work.record.reservation_version() + 1);
  view.set_reservation(NameOf("reservations", ReservationIdOf(work, session)));
  Show(session);
  Arm(work);
  OweParties(work);
  Tell<pb::InteractionReturned>(work);
}

/// The customer waits again, first for the agent who had them.
void Engine::BringBack(const pb::InteractionRecord& record, const std::string& child, Room& room) {
  auto made = ChildOf(record, child, "");
  made->view().set_last_agent(record.interaction().agent());
  made->record.set_directed(true);
  OweArrangement(*made, false, {});
  Place(std::move(made), room);
}

Result<void> Engine::ReturnCustomer(const pb::ReturnCommand& in) {
  const auto& ended = in.record().interaction();
  if (const auto found = s_->works.find(in.child()); found != s_->works.end()) {
    out_.answer = CopyOf(found->second->view());
    return Ok();
  }
  out_.answer = CopyOf(ended);
  if (Room* const room = s_->RoomOf(IdPart(ended.queue())); room != nullptr) {
    BringBack(in.record(), in.child(), *room);
    return Ok();
  }
  Work gone;  // nobody serves this queue any more
  gone.record = in.record();
  OweRelease(gone, "NO_AGENT");
  return Ok();
}

Result<void> Engine::EndConsult(const pb::WorkCommand& in) {
  TRY(Work* const work, OwnWork(in.agent(), in.interaction()));
  const bool asked = IsAdvice(work->view());
  Work* const asker = asked ? AskedBy(*work) : work;
  if (asker == nullptr || !asker->view().has_consult()) return errors::ConsultMissing(work->view());
  if (asked && work->view().state() == pb::Interaction::RESERVED) return errors::NotLive(work->view());
  DropConsult(*asker, true);
  if (!asked) out_.answer = CopyOf(asker->view());
  return Ok();
}

/// No more advice; `live`: the customer is still there, and back.
void Engine::DropConsult(Work& work, bool live) {
  if (!work.view().has_consult()) return;
  Work* const adviser = AdviserOf(work);
  AdviceOver(work, live);
  if (adviser == nullptr) return;
  if (adviser->view().state() == pb::Interaction::ASSIGNED) {
    pb::MediaCommand ended;
    ended.set_party("AGENT");
    ended.set_cause("CONSULT_ENDED");
    BeginWrap(*adviser, now_, ended);  // there is none: it is over
  } else {
    adviser->view().set_end_party("SYSTEM");
    adviser->view().set_end_cause("CONSULT_ENDED");
    Finish(*adviser, pb::Interaction::CANCELED);
  }
}

void Engine::AdviceOver(Work& asker, bool live) {
  asker.view().clear_consult();
  Touch(asker);
  if (live) {
    EndHolding(asker);
    OweParties(asker);
  }
  Tell<pb::InteractionConsultChanged>(asker);
}

Result<void> Engine::Mute(const pb::WorkCommand& in, bool muted) {
  TRY(Work* const work, OwnLive(in.agent(), in.interaction()));
  auto& view = work->view();
  if (view.call().empty()) return errors::WithoutCall(view);
  if (view.muted() != muted) {
    view.set_muted(muted);
    *view.mutable_update_time() = ToProto(now_);
    Touch(*work);
    OweParties(*work);
  }
  out_.answer = CopyOf(view);
  return Ok();
}

// ---- supervisors

/// A call with an agent and a customer in it.
Result<Engine::Work*> Engine::LiveCall(const std::string& interaction) {
  TRY(Work* const work, WorkOf(interaction));
  if (work->view().state() != pb::Interaction::ASSIGNED || IsAdvice(work->view()))
    return errors::NotLive(work->view());
  if (work->view().call().empty()) return errors::WithoutCall(work->view());
  return work;
}

Result<void> Engine::Supervise(const pb::SuperviseCommand& in) {
  TRY(Work* const work, LiveCall(in.interaction()));
  if (!work->view().has_connect_time()) return errors::NotLive(work->view());
  auto& list = *work->record.mutable_supervisions();
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& each) { return each.user() == in.supervision().user(); });
  const bool inside = found != list.end();
  if (!in.stop() && !inside && list.size() >= kMostSupervisors)
    return ResourceExhausted("SUPERVISORS_TOO_MANY", "Others are in the call already.");
  if (in.stop() ? inside : !inside || found->audio() != in.supervision().audio()) {
    if (in.stop())
      list.erase(found);
    else if (inside)
      found->set_audio(in.supervision().audio());
    else
      *list.Add() = in.supervision();
    Touch(*work);
    OweParties(*work);
  }
  out_.answer = CopyOf(work->view());
  return Ok();
}

Result<void> Engine::TakeOver(const pb::TransferCommand& in) {
  TRY(Work* const work, LiveCall(in.interaction()));
  pb::TransferCommand to = in;
  to.set_to_agent(NameOf("agents", in.agent()));
  to.set_agent(work->session->agent);
  TRY(Room* const room, Destination(*work, to));
  return PassOn(*work, to, *room, "TAKEN_OVER");
}

Result<void> Engine::ForceRelease(const pb::WorkCommand& in) {
  TRY(Work* const work, LiveCall(in.interaction()));
  OweRelease(*work, "FORCED");
  *work->view().mutable_update_time() = ToProto(now_);
  Touch(*work);
  out_.answer = CopyOf(work->view());
  return Ok();
}

}  // namespace carillon::routing::domain
