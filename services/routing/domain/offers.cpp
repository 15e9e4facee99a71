#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// From arrival to the answer of an agent.
namespace carillon::routing::domain {
namespace {

constexpr Duration kLastAgentPatience = std::chrono::seconds{20};
constexpr int kDefaultPriority = 5;

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

}  // namespace

Result<void> Engine::CreateInteraction(const pb::Interaction& in) {
  const std::string id(IdPart(in.name()));
  if (s_->works.contains(id)) return errors::Exists("INTERACTION", in.name());
  TRY(const auto queue_id, ResolveQueue(in.queue()));
  TRY_VOID(CheckCallbackTime(in));
  TRY(Room* const entrance, Entrance(*s_->RoomOf(queue_id)));
  Room& room = *entrance;
  auto made = std::make_unique<Work>();
  made->id = id;
  auto& view = made->view();
  view = in;
  TRY_VOID(ResolveNeeds(*view.mutable_required_skills()));
  TRY_VOID(ResolveCriteria(*view.mutable_criteria()));
  Place(std::move(made), room);
  out_.answer = std::make_shared<pb::Interaction>(std::move(*FindInteraction(id)));
  return Ok();
}

/// New work begins to wait in the room, and is offered when somebody may take it. An effective arrival that
/// is set already counts when it is the earlier one.
void Engine::Place(std::unique_ptr<Work> made, Room& room) {
  const auto& queue = room.rules;
  Work& work = *made;
  auto& view = work.view();
  work.room = &room;
  view.set_queue(queue.name());
  if (view.client().empty()) view.set_client(queue.client());
  if (view.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED)
    view.set_channel(NeedOf(nullptr, queue).channel);
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
  const auto arrival = Micros(now_ - std::chrono::seconds{bonus});
  work.record.set_effective_arrival(
      work.record.effective_arrival() == 0 ? arrival : std::min(arrival, work.record.effective_arrival()));
  const bool callback = view.channel() == carillon::type::v1::CALLBACK;
  if (!callback) view.clear_callback_time();
  work.record.set_dormant(view.has_callback_time() && FromProto(view.callback_time()) > now_);
  // Who was promised a callback and calls again has not lost the place.
  if (Work* const promised = CallbackFor(view); promised != nullptr) {
    work.record.set_effective_arrival(
        std::min(work.record.effective_arrival(), promised->record.effective_arrival()));
    promised->view().set_end_party("SYSTEM");
    promised->view().set_end_cause("CALLED_AGAIN");
    Finish(*promised, pb::Interaction::CANCELED);
  }
  DrawLot(work);
  const auto& rules = RulesOf(work);
  DropSkillsOfFirstRing(work);
  work.key = {view.priority(), work.record.effective_arrival(), work.record.sequence()};
  s_->works.emplace(work.id, std::move(made));
  if (callback) Remember(work);
  if (!IsAdvice(view)) {
    room.figures.set_offered(room.figures.offered() + 1);
    TouchFigures(room);
  }

  // The agent who knows the customer: at once when ready, a little patience when busy.
  Session* last = nullptr;
  const bool directed = work.record.directed();
  if (!view.last_agent().empty() && (directed || !rules.no_last_agent())) {
    Session* const found = s_->sessions.Find(IdPart(view.last_agent()));
    if (found != nullptr && (directed || Qualified(*found, HomeOf(work)))) last = found;
  }
  view.set_state(pb::Interaction::QUEUED);
  *view.mutable_update_time() = ToProto(now_);
  Tell<pb::InteractionCreated>(work);
  Enqueue(work);
  Duration patience =
      Or(view.has_agent_patience(), view.agent_patience(),
         Or(rules.has_last_agent_patience(), rules.last_agent_patience(), kLastAgentPatience));
  if (directed && patience <= Duration{0}) patience = kLastAgentPatience;
  const auto bar = last == nullptr ? Bar::kNone : BarTo(*last, room, work);
  if (bar == Bar::kNotPaired) last = nullptr;
  if (work.record.dormant()) {
    Arm(work);
  } else if (last != nullptr && (last->open & Bit(view.channel())) != 0 && bar == Bar::kNone) {
    Offer(work, *last, "work", "LAST_AGENT");
  } else if (last != nullptr && last->view().desk_connected() && !last->works.empty() &&
             !IsLeaving(last->view()) && patience > Duration{0}) {
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
  if (work.in_line)
    work.record.set_expected_wait(
        ExpectedWait(room, static_cast<std::int64_t>(room.line.order_of_key(work.key)) + 1));
}

/// Into the line of its queue and the pools; the state is QUEUED already.
void Engine::Enqueue(Work& work) {
  Room& room = *work.room;
  TouchQueue(room.id);
  Touch(work);
  if (work.record.dormant()) {
    ++room.dormant;
    return;
  }
  room.line.insert(work.key);
  room.by_time.insert({Micros(FromProto(work.view().queue_time())), work.key.sequence});
  work.in_line = true;
  work.record.set_checked(Micros(now_));
  JoinPools(work);
}

/// Out of the line of its queue, the pools and the wait for one agent.
void Engine::LeaveLine(Work& work) {
  if (work.held_by != nullptr) {
    work.held_by->held.erase(&work);
    work.held_by = nullptr;
    work.record.set_hold_deadline(0);
  }
  LeavePools(work);
  work.room->line.erase(work.key);
  work.room->by_time.erase({Micros(FromProto(work.view().queue_time())), work.key.sequence});
  work.in_line = false;
}

void Engine::Offer(Work& work, Session& session, const char* trigger, const char* strategy) {
  CARILLON_CHECK((session.open & Bit(work.view().channel())) != 0 &&
                 work.view().state() == pb::Interaction::QUEUED);
  Room& room = *work.room;
  auto& note = Note(work, pb::Decision::OFFERED, trigger);
  note.set_agent(session.view().agent());
  note.set_strategy(strategy);
  *note.mutable_idle_duration() = ToProto(now_ - At(session.record.idle_since()));
  note.set_skill_score(SkillScore(*session.rules, HomeOf(work).need));
  LeaveLine(work);
  ++room.reserved;
  auto& view = work.view();
  work.record.set_reservation_version(work.record.reservation_version() + 1);
  const auto reservation = ReservationIdOf(work, session);
  view.set_state(pb::Interaction::RESERVED);
  view.set_reservation(NameOf("reservations", reservation));
  view.set_agent(session.view().agent());
  view.set_agent_session(session.view().name());
  view.set_extension(session.view().extension());
  view.set_offers(view.offers() + 1);
  *view.mutable_offer_time() = ToProto(now_);
  *view.mutable_update_time() = ToProto(now_);
  const auto& rules = RulesOf(work);
  work.record.set_offer_deadline(
      Micros(now_ + Or(rules.has_offer_timeout(), rules.offer_timeout(), kOfferTimeout)));
  work.record.set_idle_before_offer(session.record.idle_since());
  work.session = &session;
  Hand(session, work);
  session.record.set_last_offer(Micros(now_));
  s_->reservations[reservation] = &work;
  Show(session);
  Touch(work);
  TouchQueue(room.id);
  *Tell<pb::InteractionOffered>(work).mutable_reservation() = ReservationOf(work, pb::Reservation::PENDING);
  Arm(work);
}

/// One reservation for each agent whom an offer rings.
std::string Engine::ReservationIdOf(const Work& work, const Session& session) {
  return DerivedId("reservation",
                   work.id + "/" + std::to_string(work.record.reservation_version()) + "/" + session.agent);
}

/// The open offer rings this agent as well.
void Engine::RingToo(Work& work, Session& session) {
  auto& rung = *work.record.add_rung();
  rung.set_agent(session.agent);
  rung.set_idle_since(session.record.idle_since());
  work.others.push_back(&session);
  work.view().set_offers(work.view().offers() + 1);
  const auto reservation = ReservationIdOf(work, session);
  s_->reservations[reservation] = &work;
  Hand(session, work);
  session.record.set_last_offer(Micros(now_));
  Show(session);
  Touch(work);
  auto& offer = *Tell<pb::InteractionOffered>(work).mutable_reservation();
  offer = ReservationOf(work, pb::Reservation::PENDING);
  offer.set_name(NameOf("reservations", reservation));
  offer.set_agent(session.view().agent());
}

/// The open offer rings one of the others no more.
void Engine::StopRinging(Work& work, Session& session) {
  s_->reservations.erase(ReservationIdOf(work, session));
  Unhand(session, work);
  std::erase(work.others, &session);
  auto& rung = *work.record.mutable_rung();
  rung.erase(std::find_if(rung.begin(), rung.end(),
                          [&](const pb::Rung& each) { return each.agent() == session.agent; }));
  Touch(work);
}

/// One of the others becomes the agent of the offer, who becomes one of the others.
void Engine::Promote(Work& work, Session& session) {
  Session& before = *work.session;
  auto& rung = *work.record.mutable_rung();
  const auto mine = std::find_if(rung.begin(), rung.end(),
                                 [&](const pb::Rung& each) { return each.agent() == session.agent; });
  const auto idle = mine->idle_since();
  mine->set_agent(before.agent);
  mine->set_idle_since(work.record.idle_before_offer());
  std::replace(work.others.begin(), work.others.end(), &session, &before);
  work.record.set_idle_before_offer(idle);
  work.session = &session;
  auto& view = work.view();
  view.set_reservation(NameOf("reservations", ReservationIdOf(work, session)));
  view.set_agent(session.view().agent());
  view.set_agent_session(session.view().name());
  view.set_extension(session.view().extension());
  Touch(work);
}

/// Nobody else rings; those who did, and since when they were idle. They are free after AfterWork.
std::vector<std::pair<Engine::Session*, std::int64_t>> Engine::LetOthersGo(Work& work) {
  std::vector<std::pair<Session*, std::int64_t>> out;
  for (Session* other : work.others) {
    s_->reservations.erase(ReservationIdOf(work, *other));
    Unhand(*other, work);
  }
  for (int i = 0; i < work.record.rung_size(); ++i)
    out.emplace_back(work.others[static_cast<std::size_t>(i)], work.record.rung(i).idle_since());
  work.others.clear();
  work.record.clear_rung();
  return out;
}

/// An offer (or a connection that failed) comes back: the work waits at its old place. Does not look for an
/// agent.
void Engine::Requeue(Work& work, pb::Reservation::State how, pb::Decision::Kind kind) {
  auto& view = work.view();
  const auto ended = ReservationOf(work, how);
  Note(work, kind, "agent").set_agent(view.agent());
  if (view.state() == pb::Interaction::RESERVED) {
    --work.room->reserved;
    s_->reservations.erase(std::string(IdPart(view.reservation())));
  } else {
    --work.room->in_service;
  }
  if (how == pb::Reservation::TIMED_OUT) view.set_unanswered_offers(view.unanswered_offers() + 1);
  Unhand(*work.session, work);
  work.session = nullptr;
  work.record.set_offer_deadline(0);
  work.record.set_idle_before_offer(0);
  view.set_state(pb::Interaction::QUEUED);
  view.clear_reservation();
  view.clear_agent();
  view.clear_agent_session();
  view.clear_extension();
  view.clear_accept_time();
  view.clear_hold_time();
  *view.mutable_update_time() = ToProto(now_);
  Enqueue(work);
  *Tell<pb::InteractionRequeued>(work).mutable_reservation() = ended;
}

Result<void> Engine::Accept(const pb::AnswerCommand& in) {
  const auto found = s_->reservations.find(in.reservation());
  if (found == s_->reservations.end()) {
    // The same answer again is no error.
    if (const Session* const session = s_->sessions.Find(in.agent()); session != nullptr)
      for (const Work* work : session->works)
        if (IdPart(work->view().reservation()) == in.reservation() &&
            work->record.reservation_version() == in.version() &&
            work->view().state() == pb::Interaction::ASSIGNED) {
          out_.answer = CopyOf(work->view());
          return Ok();
        }
    return errors::ReservationGone(in.reservation());
  }
  Work& work = *found->second;
  TRY(Session* const taker, Rings(work, in));
  Taken(work, *taker);
  return Ok();
}

/// Somebody of those whom the offer rings has the work; gives the answer.
void Engine::Taken(Work& work, Session& taker) {
  if (&taker != work.session) Promote(work, taker);
  const auto others = LetOthersGo(work);
  Session& session = *work.session;
  Room& room = *work.room;
  const auto accepted = ReservationOf(work, pb::Reservation::ACCEPTED);
  s_->reservations.erase(std::string(IdPart(work.view().reservation())));
  --room.reserved;
  ++room.in_service;
  auto& view = work.view();
  view.set_state(pb::Interaction::ASSIGNED);
  *view.mutable_accept_time() = ToProto(now_);
  *view.mutable_update_time() = ToProto(now_);
  *view.mutable_wait_duration() = ToProto(now_ - FromProto(view.queue_time()));
  *view.mutable_ring_duration() = ToProto(now_ - FromProto(view.offer_time()));
  work.record.set_offer_deadline(0);
  session.view().set_no_answers(0);
  CountTaken(session);
  Show(session);
  Touch(work);
  if (!IsAdvice(view)) {
    auto& figures = room.figures;
    figures.set_answered(figures.answered() + 1);
    if (InTime(room.rules, view)) figures.set_answered_in_time(figures.answered_in_time() + 1);
    TouchFigures(room);
    LearnWait(work, true);
    CountAnswer(work, 1);
  }
  *Tell<pb::InteractionAccepted>(work).mutable_reservation() = accepted;
  if (IsAdvice(view)) {
    AdviceTaken(work);
  } else if (!view.call().empty()) {
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
  for (const auto& [other, idle] : others) AfterWork(*other, idle);
  Take(session);  // there may be room for more
}

/// An agent takes what waits, whatever the order, the profile and the skills say.
Result<void> Engine::Pull(const pb::WorkCommand& in) {
  TRY(Work* const work, WorkOf(in.interaction()));
  Session* const found = s_->sessions.Find(in.agent());
  if (found == nullptr) return errors::NotSignedIn(in.agent());
  Session& session = *found;
  if ((session.open & Bit(work->view().channel())) == 0) return errors::NotAvailable(session.view());
  if (work->view().state() != pb::Interaction::QUEUED || work->record.dormant())
    return FailedPrecondition("INTERACTION_NOT_WAITING", "Only work that waits can be pulled.",
                              {{"state", pb::Interaction::State_Name(work->view().state())}});
  TRY_VOID(MayMeet(session, *work));
  Offer(*work, session, "agent", "PULLED");
  Taken(*work, session);
  return Ok();
}

/// Whom the reservation rings for the work; RESERVATION_GONE when it is not who answers.
Result<Engine::Session*> Engine::Rings(const Work& work, const pb::AnswerCommand& in) const {
  if (work.record.reservation_version() == in.version()) {
    if (work.session->agent == in.agent() && IdPart(work.view().reservation()) == in.reservation())
      return work.session;
    for (Session* other : work.others)
      if (other->agent == in.agent() && ReservationIdOf(work, *other) == in.reservation()) return other;
  }
  return errors::ReservationGone(in.reservation());
}

Result<void> Engine::Reject(const pb::AnswerCommand& in) {
  const auto found = s_->reservations.find(in.reservation());
  if (found == s_->reservations.end()) return errors::ReservationGone(in.reservation());
  Work& work = *found->second;
  TRY(Session* const refuser, Rings(work, in));
  Session& session = *refuser;
  Refuse(work.record, session.agent, now_ + RefusalDelayOf(RulesOf(work)), now_);
  if (work.others.empty()) {
    Requeue(work, pb::Reservation::REJECTED, pb::Decision::REFUSED);
    Seek(work, "work");
  } else {
    if (refuser == work.session) Promote(work, *work.others.front());
    StopRinging(work, session);
    Note(work, pb::Decision::REFUSED, "agent").set_agent(session.view().agent());
  }
  const auto agent = session.agent;
  AfterWork(session, 0);
  if (const Session* const still = s_->sessions.Find(agent); still != nullptr)
    out_.answer = CopyOf(still->view());
  return Ok();
}

}  // namespace carillon::routing::domain
