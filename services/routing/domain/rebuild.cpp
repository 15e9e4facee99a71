#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/canary.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// Records in, records out.
namespace carillon::routing::domain {

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
      const auto agent = IdPart(record.session().session().agent());
      if (record.session().session().state() == pb::AgentSession::SIGNED_OUT) {
        if (Session* const gone = s_->sessions.Find(agent); gone != nullptr) s_->sessions.Remove(*gone);
        break;
      }
      s_->sessions.Add(agent).record = record.session();
      break;
    }
    case pb::Transition::kQueue:
      RoomFor(std::string(IdPart(record.queue().name()))).rules = record.queue();
      break;
    case pb::Transition::kQueueDeleted:
      s_->rooms.erase(record.queue_deleted());
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
      s_->days.erase(record.agent_deleted());
      break;
    case pb::Transition::kFigures:
      RoomFor(record.figures().queue()).figures = record.figures();
      break;
    case pb::Transition::kCounters:
      sequence_ = record.counters().sequence();
      rule_version_ = record.counters().rule_version();
      break;
    case pb::Transition::kDeskRules:
      s_->desks = record.desk_rules();
      break;
    case pb::Transition::kAgentDay:
      s_->days[record.agent_day().agent()] = record.agent_day();
      break;
    case pb::Transition::kCanary:
      RoomFor(std::string(IdPart(record.canary().policy().name()))).canary = record.canary();
      break;
    case pb::Transition::kCanaryFigures: {
      auto& canary = RoomFor(record.canary_figures().queue()).canary;
      *canary.mutable_control() = record.canary_figures().control();
      *canary.mutable_canary() = record.canary_figures().canary();
      break;
    }
    case pb::Transition::RECORD_NOT_SET:
      break;
  }
}

void Engine::Settle(TimePoint now) {
  last_ = now;
  changed_ = now;
  now_ = now;
  for (const auto& [id, room] : s_->rooms) {
    s_->queue_codes[room->rules.code()] = id;
    // It could be read when it was put; without the zone's rules on this machine the queue is open.
    room->hours = CalendarOf(room->rules).value_or(std::nullopt);
    if (room->canary.state() == pb::Canary::RUNNING) room->trial = Tried(room->rules, room->canary.policy());
  }
  for (const auto& [id, skill] : s_->skills) s_->skill_codes[skill.code()] = id;
  for (const auto& [id, profile] : s_->profiles) s_->profile_codes[profile.code()] = id;
  for (const auto& [id, agent] : s_->agents) s_->agent_codes[agent.code()] = id;
  for (Session* const session : s_->sessions.Each()) {
    const auto& agent = session->agent;
    s_->seats[session->view().seat()] = agent;
    auto& record = session->record;
    if (record.routing_profile().empty())  // written before there was a roster
      record.set_routing_profile(std::string(IdPart(s_->agents[agent].routing_profile())));
    if (record.roster_deadline() != 0) s_->rosters.insert({At(record.roster_deadline()), agent});
  }
  for (const auto& [id, work] : s_->works) {
    const auto& view = work->view();
    work->key = {view.priority(), work->record.effective_arrival(), work->record.sequence()};
    work->room = s_->RoomOf(IdPart(view.queue()));
    Room& room = *work->room;
    if (view.channel() == carillon::type::v1::CALLBACK) Remember(*work);
    if (work->record.dormant()) {
      ++room.dormant;
      continue;
    }
    if (view.state() == pb::Interaction::QUEUED) {
      room.line.insert(work->key);
      room.by_time.insert({Micros(FromProto(view.queue_time())), work->key.sequence});
      work->in_line = true;
      if (work->record.hold_deadline() != 0) {
        work->held_by = &s_->sessions.At(IdPart(view.last_agent()));
        work->held_by->held.insert(work.get());
      }
      continue;
    }
    Session& session = s_->sessions.At(IdPart(view.agent()));
    work->session = &session;
    session.works.push_back(work.get());
    if (view.state() == pb::Interaction::RESERVED) {
      s_->reservations[std::string(IdPart(view.reservation()))] = work.get();
      for (const auto& rung : work->record.rung()) {
        Session& other = s_->sessions.At(rung.agent());
        other.works.push_back(work.get());
        work->others.push_back(&other);
        s_->reservations[ReservationIdOf(*work, other)] = work.get();
      }
      ++room.reserved;
    } else {
      ++room.in_service;
    }
  }
  for (Session* const session : s_->sessions.Each()) {
    // As they came.
    const auto place = [&](const Work* work) {
      const auto& slots = session->view().slots();
      return std::find_if(slots.begin(), slots.end(),
                          [&](const auto& slot) { return slot.interaction() == work->view().name(); }) -
             slots.begin();
    };
    std::sort(session->works.begin(), session->works.end(),
              [&](const Work* a, const Work* b) { return place(a) < place(b); });
    ShowSlots(*session);  // written before there were slots
  }
  ReadMatrix();
  if (const auto zone = ZoneOf(s_->desks); zone && !s_->desks.etag().empty()) s_->zone = *zone;
  ReadProfiles();
  RebuildPools();
  for (const auto& [id, work] : s_->works) Arm(*work);
  out_ = Applied{};
}

pb::Transitions Engine::Snapshot() const {
  pb::Transitions out;
  for (const auto& [id, skill] : s_->skills) *out.add_transitions()->mutable_skill() = skill;
  for (const auto& [id, room] : s_->rooms) *out.add_transitions()->mutable_queue() = room->rules;
  for (const auto& [id, room] : s_->rooms)
    if (!room->canary.uid().empty()) *out.add_transitions()->mutable_canary() = room->canary;
  for (const auto& [id, profile] : s_->profiles) *out.add_transitions()->mutable_routing_profile() = profile;
  for (const auto& [id, agent] : s_->agents) *out.add_transitions()->mutable_agent() = agent;
  for (const auto& [id, room] : s_->rooms) *out.add_transitions()->mutable_figures() = room->figures;
  if (!s_->desks.etag().empty()) *out.add_transitions()->mutable_desk_rules() = s_->desks;
  for (const auto& [id, day] : s_->days) *out.add_transitions()->mutable_agent_day() = day;
  for (const Session* session : s_->sessions.Sorted())
    *out.add_transitions()->mutable_session() = session->record;
  for (const Work* work : State::Sorted(s_->works))
    *out.add_transitions()->mutable_interaction() = work->record;
  auto& counters = *out.add_transitions()->mutable_counters();
  counters.set_sequence(sequence_);
  counters.set_rule_version(rule_version_);
  return out;
}

}  // namespace carillon::routing::domain
