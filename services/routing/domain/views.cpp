#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "routing/domain/errors.hpp"
#include "routing/domain/state.hpp"

/// What is to be seen.
namespace carillon::routing::domain {
std::optional<pb::Interaction> Engine::FindInteraction(std::string_view id) const {
  const auto found = s_->works.find(id);
  if (found == s_->works.end()) return std::nullopt;
  const Work& work = *found->second;
  pb::Interaction out = work.view();
  if (work.in_line) {
    out.set_position(static_cast<int>(work.room->line.order_of_key(work.key)) + 1);
    const auto [median, high] = EstimateFor(*work.room, out.position());
    *out.mutable_estimated_wait() = ToProto(median);
    *out.mutable_estimated_wait_high() = ToProto(high);
  }
  return out;
}

const pb::InteractionRecord* Engine::FindRecord(std::string_view id) const {
  const auto found = s_->works.find(id);
  return found == s_->works.end() ? nullptr : &found->second->record;
}

const pb::AgentSession* Engine::FindSession(std::string_view agent) const {
  const Session* const found = s_->sessions.Find(agent);
  return found == nullptr ? nullptr : &found->view();
}

std::vector<pb::AgentSession> Engine::Sessions() const {
  std::vector<pb::AgentSession> out;
  for (const Session* session : s_->sessions.Each()) out.push_back(session->view());
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.agent_code() < b.agent_code(); });
  return out;
}

void Engine::EachSession(const std::function<void(const pb::AgentSession&)>& look) const {
  for (const Session* session : s_->sessions.Each()) look(session->view());
}

const pb::Queue* Engine::FindQueue(std::string_view name) const {
  const auto id = ResolveQueue(name);
  return id ? &s_->RoomOf(*id)->rules : nullptr;
}

const pb::Skill* Engine::FindSkill(std::string_view name) const {
  const auto id = ResolveSkill(name);
  return id ? &s_->skills.find(*id)->second : nullptr;
}

const pb::RoutingProfile* Engine::FindProfile(std::string_view name) const {
  const auto id = ResolveProfile(name);
  return id ? &s_->profiles.find(*id)->second : nullptr;
}

const pb::Agent* Engine::FindAgent(std::string_view id) const {
  const auto found = s_->agents.find(IdPart(id));
  return found == s_->agents.end() ? nullptr : &found->second;
}

std::vector<std::string> Engine::QueueIds() const {
  std::vector<std::string> out;
  for (const auto& [id, room] : s_->rooms) out.push_back(id);
  return out;
}

pb::QueueState Engine::StateOf(std::string_view name) const {
  pb::QueueState out;
  const auto id = ResolveQueue(name);
  if (!id) return out;
  const Room& room = *s_->RoomOf(*id);
  out.set_queue(room.rules.name());
  out.set_code(room.rules.code());
  out.set_display_name(room.rules.display_name());
  out.set_waiting(static_cast<int>(room.line.size()) + room.reserved);
  if (!room.by_time.empty()) *out.mutable_oldest_queue_time() = ToProto(At(room.by_time.begin()->first));
  out.set_in_service(room.in_service);
  out.set_agents(room.plain->qualified);
  out.set_agents_ready(static_cast<int>(room.plain->ready.size()));
  out.set_callbacks_later(room.dormant);
  if (out.agents_ready() == 0) {
    const auto [median, high] = EstimateFor(room, static_cast<std::int64_t>(room.line.size()) + 1);
    *out.mutable_estimated_wait() = ToProto(median);
    *out.mutable_estimated_wait_high() = ToProto(high);
  }
  *out.mutable_handle_duration() = ToProto(Duration{room.figures.handle_time()});
  out.set_offered(room.figures.offered());
  out.set_answered(room.figures.answered());
  out.set_answered_in_time(room.figures.answered_in_time());
  out.set_abandoned(room.figures.abandoned());
  return out;
}

pb::Desk Engine::DeskOf(std::string_view agent, TimePoint now) const {
  pb::Desk out;
  *out.mutable_time() = ToProto(now);
  const Session* const found = s_->sessions.Find(agent);
  if (found == nullptr) return out;
  const Session& session = *found;
  *out.mutable_session() = session.view();
  for (const Work* work : session.works) {
    if (work->view().state() != pb::Interaction::RESERVED) {
      *out.add_interactions() = work->view();
      continue;
    }
    auto& offer = *out.add_offers();
    *offer.mutable_reservation() = ReservationOf(*work, pb::Reservation::PENDING);
    *offer.mutable_interaction() = work->view();
    if (work->session != &session) {  // of an offer to many every desk sees its own
      auto& seen = *offer.mutable_interaction();
      seen.set_reservation(NameOf("reservations", ReservationIdOf(*work, session)));
      seen.set_agent(session.view().agent());
      seen.set_agent_session(session.view().name());
      seen.set_extension(session.view().extension());
      offer.mutable_reservation()->set_name(seen.reservation());
      offer.mutable_reservation()->set_agent(seen.agent());
    }
  }
  return out;
}

std::vector<pb::SkillRequirement> Engine::RequirementsOf(std::string_view interaction) const {
  std::vector<pb::SkillRequirement> out;
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end()) return out;
  const Work& work = *found->second;
  for (const auto& [skill, level] : NeedOf(&work, RulesOf(work)).all) {
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

int Engine::AgentsFor(std::string_view interaction) const {
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end()) return 0;
  const Work& work = *found->second;
  if (work.held_by != nullptr) return 1;
  if (work.pools.size() == 1) return work.pools[0]->qualified;
  const auto in_one = [&](const Session::Place& place) {
    return std::find(work.pools.begin(), work.pools.end(), place.pool) != work.pools.end();
  };
  return static_cast<int>(std::ranges::count_if(s_->sessions.Each(), [&](const Session* each) {
    return std::any_of(each->places.begin(), each->places.end(), in_one);
  }));
}

}  // namespace carillon::routing::domain
