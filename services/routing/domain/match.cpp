#include <algorithm>

#include "routing/domain/state.hpp"

/// Who gets what. The rule that everything here keeps: after each step no available agent sees waiting work
/// that the agent may take. So new work only has to look for an agent, and a freed agent only for work.
namespace carillon::routing::domain {
namespace {

constexpr int kMostDecisions = 60;
constexpr std::size_t kFewPools = 512;

std::string PoolKey(const std::string& queue, const Need& need) {
  std::string key = queue + "#" + std::to_string(need.channel);
  const auto add = [&](char mark, const SkillLevels& levels) {
    key += mark;
    for (const auto& [skill, level] : levels) key += skill + ":" + std::to_string(level) + ",";
  };
  add(need.ranked ? '~' : '|', need.all);
  for (const auto& levels : need.alternatives) add('/', levels);
  for (const auto& agent : need.agents) key += "@" + agent;
  return key;
}

SkillLevels Sorted(const google::protobuf::RepeatedPtrField<pb::SkillRequirement>& needs) {
  std::map<std::string, int> levels;
  for (const auto& need : needs) {
    int& level = levels[std::string(IdPart(need.skill()))];
    level = std::max({level, need.min_level(), 1});
  }
  return {levels.begin(), levels.end()};
}

/// Of work that names none, and of what is counted.
carillon::type::v1::Channel ChannelOf(const pb::Queue& queue) {
  return queue.channels().empty() ? carillon::type::v1::VOICE : queue.channels(0);
}

/// The steps the work goes through: its own, else its queue's.
const google::protobuf::RepeatedPtrField<pb::CriteriaStep>& CriteriaOf(const pb::InteractionRecord& record,
                                                                       const pb::Queue& queue) {
  return record.interaction().criteria().empty() ? queue.criteria() : record.interaction().criteria();
}

}  // namespace

int Engine::LevelOf(const pb::Agent& agent, std::string_view skill) {
  for (const auto& held : agent.skills())
    if (IdPart(held.skill()) == skill) return held.level();
  return 0;
}

/// What a queue and the work (none for nullptr) ask together, after overflow, rings and criteria.
Need Engine::NeedOf(const Work* work, const pb::Queue& queue) const {
  Need out;
  out.channel = work == nullptr ? ChannelOf(queue) : work->view().channel();
  if (queue.evaluation() != pb::Queue::DISREGARD) {
    std::map<std::string, int> levels;
    for (const auto& [skill, level] : Sorted(queue.required_skills())) levels[skill] = level;
    if (work != nullptr) {
      for (const auto& [skill, level] : Sorted(work->view().required_skills()))
        levels[skill] = std::max(levels[skill], level);
      for (const auto& dropped : work->record.dropped_skills()) levels.erase(dropped);
    }
    const int lowered = work == nullptr ? 0 : work->record.levels_lowered();
    for (const auto& [skill, level] : levels) out.all.emplace_back(skill, std::max(1, level - lowered));
    out.ranked = queue.evaluation() == pb::Queue::BEST_AVAILABLE;
  }
  if (work == nullptr) return out;
  const auto& steps = CriteriaOf(work->record, RulesOf(*work));
  if (work->record.criteria_expired() < steps.size()) {
    const auto& step = steps[work->record.criteria_expired()];
    for (const auto& alternative : step.any_of()) out.alternatives.push_back(Sorted(alternative.all_of()));
    for (const auto& agent : step.agents()) out.agents.emplace_back(IdPart(agent));
  }
  return out;
}

/// The queue is in the agent's profile in force, and how.
const ProfileEntry* Engine::EntryOf(const Session& session, const Room& room) const {
  const auto entries = s_->entries.find(session.record.routing_profile());
  if (entries == s_->entries.end()) return nullptr;
  const auto entry = entries->second.find(room.id);
  return entry == entries->second.end() ? nullptr : &entry->second;
}

/// The first required skill that keeps the agent out; nullptr = none.
const std::pair<std::string, int>* Engine::MissingSkill(const pb::Agent& agent, const Need& need) {
  if (need.ranked) return nullptr;
  for (const auto& asked : need.all)
    if (LevelOf(agent, asked.first) < asked.second) return &asked;
  return nullptr;
}

/// The agent is what the criteria step asks, if one holds.
bool Engine::MeetsCriteria(const pb::Agent& agent, const Need& need) {
  if (need.alternatives.empty() && need.agents.empty()) return true;
  return std::any_of(need.alternatives.begin(), need.alternatives.end(),
                     [&](const SkillLevels& levels) {
                       return std::all_of(levels.begin(), levels.end(), [&](const auto& asked) {
                         return LevelOf(agent, asked.first) >= asked.second;
                       });
                     }) ||
         std::any_of(need.agents.begin(), need.agents.end(),
                     [&](const auto& id) { return id == IdPart(agent.name()); });
}

bool Engine::Qualified(const Session& session, const Pool& pool) const {
  return EntryOf(session, *pool.room) != nullptr && MissingSkill(*session.rules, pool.need) == nullptr &&
         MeetsCriteria(*session.rules, pool.need);
}

/// Agent and work, or agent and customer, must not meet.
bool Engine::NotPaired(const Session& session, const Work& work) {
  const auto& excluded = work.view().excluded_agents();
  const auto& customer = work.view().customer();
  const auto& not_with = session.rules->not_with();
  return std::any_of(excluded.begin(), excluded.end(),
                     [&](const auto& agent) { return IdPart(agent) == session.agent; }) ||
         (!customer.empty() && std::find(not_with.begin(), not_with.end(), customer) != not_with.end());
}

/// Why an available, qualified agent may not have the work now; kNone = may.
Engine::Bar Engine::BarTo(const Session& session, const Room& room, const Work& work) const {
  for (const auto& refusal : work.record.refusals())
    if (refusal.agent() == session.agent && refusal.until() > Micros(now_)) return Bar::kRefused;
  if (NotPaired(session, work)) return Bar::kNotPaired;
  const auto& view = work.view();
  // Whom a person asked for is not delayed.
  if (room.delays.empty() || (work.record.directed() && view.last_agent() == session.rules->name()))
    return Bar::kNone;
  return now_ - FromProto(view.queue_time()) >= EntryOf(session, room)->delay ? Bar::kNone : Bar::kDelayed;
}

Engine::Pool& Engine::PoolFor(Room& room, Need need) {
  auto key = PoolKey(room.id, need);
  if (const auto found = s_->pools.find(key); found != s_->pools.end()) return *found->second;
  if (s_->pools.size() >= s_->most_pools) ForgetPools();
  auto made = std::make_unique<Pool>();
  made->key = key;
  made->room = &room;
  made->need = std::move(need);
  for (Session* const session : s_->sessions.Each()) Admit(*session, *made);
  return *s_->pools.emplace(std::move(key), std::move(made)).first->second;
}

/// Gives the session its place in the pool, when it qualifies.
void Engine::Admit(Session& session, Pool& pool) {
  if (!Qualified(session, pool)) return;
  session.places.push_back({&pool, EntryOf(session, *pool.room)->priority});
  ++pool.qualified;
  if (session.counted_working) ++pool.working;
  if ((session.open & Bit(pool.need.channel)) != 0) pool.ready.insert(&session);
}

/// Pools that nobody needs any more go, when there are many.
void Engine::ForgetPools() {
  std::set<const Pool*> idle;
  for (const auto& [key, pool] : s_->pools)
    if (pool->users == 0 && pool->room->plain != pool.get()) idle.insert(pool.get());
  for (Session* const session : s_->sessions.Each())
    std::erase_if(session->places, [&](const auto& place) { return idle.contains(place.pool); });
  std::erase_if(s_->pools, [&](const auto& pool) { return idle.contains(pool.second.get()); });
  s_->most_pools = std::max(kFewPools, 2 * s_->pools.size());
}

Engine::Pool& Engine::HomeOf(Work& work) {
  if (work.home == nullptr) {
    work.home = &PoolFor(*work.room, NeedOf(&work, RulesOf(work)));
    ++work.home->users;
  }
  return *work.home;
}

/// What the work asks has changed.
void Engine::LeaveHome(Work& work) {
  if (work.home != nullptr) --work.home->users;
  work.home = nullptr;
}

void Engine::JoinPools(Work& work) {
  const auto join = [&](Pool& pool) {
    if (!pool.waiting.emplace(work.key, &work).second) return;
    ++pool.users;
    work.pools.push_back(&pool);
  };
  join(HomeOf(work));
  for (const auto& id : work.record.added_queues())
    if (Room* room = s_->RoomOf(id); room != nullptr) join(PoolFor(*room, NeedOf(&work, room->rules)));
}

void Engine::LeavePools(Work& work) {
  for (Pool* pool : work.pools) {
    pool->waiting.erase(work.key);
    --pool->users;
  }
  work.pools.clear();
}

void Engine::EnterReady(Session& session) {
  const bool working = session.view().state() != pb::AgentSession::NOT_READY &&
                       session.view().state() != pb::AgentSession::SIGNED_OUT;
  if (working != session.counted_working) {
    for (const auto& place : session.places) place.pool->working += working ? 1 : -1;
    session.counted_working = working;
  }
  if (session.open != 0) return;
  session.open = OpenOf(session);
  if (session.open == 0) return;
  for (const auto& place : session.places)
    if ((session.open & Bit(place.pool->need.channel)) != 0) place.pool->ready.insert(&session);
}

/// Before anything changes that its place among the ready depends on.
void Engine::LeaveReady(Session& session) {
  if (session.open == 0) return;
  for (const auto& place : session.places)
    if ((session.open & Bit(place.pool->need.channel)) != 0) place.pool->ready.erase(&session);
  session.open = 0;
}

/// What the agent has room for beside what is in hand.
Channels Engine::SpareOf(const Session& session) const {
  Channels out = kEveryChannel;
  for (const Work* work : session.works)
    out &= s_->beside[work->view().channel()].interrupted_by | Bit(work->view().channel());
  for (const Work* work : session.works) {
    const auto channel = work->view().channel();
    if ((out & Bit(channel)) == 0) continue;
    auto at_once = s_->beside[channel].at_once;
    for (const auto& own : session.rules->capacities())
      if (own.channel() == channel) at_once = own.at_once();
    const auto has = std::count_if(session.works.begin(), session.works.end(),
                                   [&](const Work* each) { return each->view().channel() == channel; });
    if (has >= at_once) out &= ~Bit(channel);
  }
  return out;
}

/// Work of which channels may be offered to the agent now. One offer rings at a time.
Channels Engine::OpenOf(const Session& session) const {
  const auto& view = session.view();
  if (!view.desk_connected()) return 0;
  if (session.works.empty()) return view.state() == pb::AgentSession::READY ? kEveryChannel : 0;
  return IsLeaving(view) || RingingAt(session) != nullptr ? 0 : SpareOf(session);
}

/// The best work the agent may take: the profile's priority, then the key.
Engine::Work* Engine::ChooseWork(const Session& session, Channels open) const {
  Work* best = nullptr;
  int best_priority = 0;
  const auto comes_first = [&](int priority, const Key& key) {
    return best == nullptr || priority < best_priority || (priority == best_priority && key < best->key);
  };
  for (const auto& place : session.places) {
    if ((open & Bit(place.pool->need.channel)) == 0) continue;
    for (const auto& [key, work] : place.pool->waiting) {
      if (!comes_first(place.priority, key)) break;  // the rest of the pool comes later still
      if (BarTo(session, *place.pool->room, *work) != Bar::kNone) continue;
      best = work;
      best_priority = place.priority;
      break;
    }
  }
  for (Work* work : session.held) {
    if ((open & Bit(work->view().channel())) == 0) continue;
    if (BarTo(session, *work->room, *work) != Bar::kNone) continue;
    const auto* entry = EntryOf(session, *work->room);
    const int priority = entry == nullptr ? 1 : entry->priority;
    if (!comes_first(priority, work->key)) continue;
    best = work;
    best_priority = priority;
  }
  return best;
}

pb::Decision& Engine::Note(Work& work, pb::Decision::Kind kind, const char* trigger) {
  auto& list = *work.record.mutable_decisions();
  // The first and the latest explain most; the middle of a very long wait goes.
  if (list.size() >= kMostDecisions) list.DeleteSubrange(kMostDecisions / 2, 1);
  auto& note = *list.Add();
  const Room& room = *work.room;
  *note.mutable_time() = ToProto(now_);
  note.set_kind(kind);
  note.set_trigger(trigger);
  note.set_rule_version(rule_version_);
  note.set_queue(work.view().queue());
  note.set_priority(work.key.priority);
  note.set_bonus_seconds(work.record.bonus_seconds());
  note.set_signed_in(static_cast<int>(s_->sessions.size()));
  note.set_waiting(static_cast<int>(room.line.size()) - (work.in_line ? 1 : 0));
  if (!RulesOf(work).rings().empty()) note.set_ring(work.record.rings() + 1);
  if (work.record.criteria_expired() < CriteriaOf(work.record, RulesOf(work)).size())
    note.set_criteria_step(work.record.criteria_expired() + 1);
  const Pool& pool = HomeOf(work);
  note.set_not_qualified(note.signed_in() - pool.qualified);
  note.set_not_available(pool.qualified - static_cast<int>(pool.ready.size()));
  note.set_candidates(static_cast<int>(pool.ready.size()));
  return note;
}

/// Looks for an agent; leaves the work waiting, its clock set, when there is none.
void Engine::Seek(Work& work, const char* trigger) {
  work.record.set_checked(Micros(now_));
  if (Session* const last = work.held_by; last != nullptr) {
    if ((last->open & Bit(work.view().channel())) != 0 && BarTo(*last, *work.room, work) == Bar::kNone) {
      Offer(work, *last, trigger, "LAST_AGENT");
      return;
    }
    Touch(work);
    Arm(work);
    return;
  }
  const Chosen chosen = ChooseAgent(work);
  const auto count = [&](pb::Decision& note) {
    note.set_refused_lately(chosen.refused);
    note.set_delayed(chosen.delayed);
    note.set_do_not_pair(chosen.not_paired);
  };
  if (chosen.session != nullptr) {
    std::vector<Session*> rung{chosen.session};
    while (static_cast<int>(rung.size()) < RulesOf(work).offer_to()) {
      Session* const next = ChooseAgent(work, rung).session;
      if (next == nullptr) break;
      rung.push_back(next);
    }
    Offer(work, *chosen.session, trigger, chosen.strategy);
    auto& note = *work.record.mutable_decisions(work.record.decisions_size() - 1);
    count(note);
    note.set_points(static_cast<int>(chosen.points));
    for (std::size_t i = 1; i < rung.size(); ++i) RingToo(work, *rung[i]);
    return;
  }
  const auto& notes = work.record.decisions();
  if (notes.empty() || notes[notes.size() - 1].kind() != pb::Decision::QUEUED) {
    auto& note = Note(work, pb::Decision::QUEUED, trigger);
    count(note);
    note.set_candidates(std::max(0, note.candidates() - chosen.refused - chosen.delayed - chosen.not_paired));
  }
  Touch(work);
  Arm(work);
}

/// An agent with room takes the best work.
void Engine::Take(Session& session) {
  if (session.open == 0) return;
  if (Work* work = ChooseWork(session, session.open); work != nullptr)
    Offer(*work, session, "agent", work->held_by == &session ? "LAST_AGENT" : "BEST_WORK");
}

void Engine::EndHold(Work& work, bool seek) {
  if (work.held_by == nullptr) return;
  work.held_by->held.erase(&work);
  work.held_by = nullptr;
  work.record.set_hold_deadline(0);
  Note(work, pb::Decision::HOLD_ENDED, "step");
  JoinPools(work);
  if (seek) Seek(work, "step");
}

/// Lets go of all work that waits for this agent alone.
void Engine::ReleaseHeld(Session& session) {
  const std::vector<Work*> waiting(session.held.begin(), session.held.end());
  for (Work* work : waiting) EndHold(*work, true);
}

/// The next step of the wait asks something else: the work changes its pools and looks for an agent.
template <class Change>
void Engine::Widen(Work& work, pb::Decision::Kind kind, Change change) {
  if (work.held_by != nullptr) EndHold(work, false);
  LeavePools(work);
  change();
  LeaveHome(work);
  *work.view().mutable_update_time() = ToProto(now_);
  JoinPools(work);
  Note(work, kind, "step");
  if (kind == pb::Decision::OVERFLOWED) {
    Tell<pb::InteractionOverflowed>(work).set_step(work.record.steps());
  }
  Seek(work, "step");
}

void Engine::Overflow(Work& work, const pb::OverflowStep& step) {
  Widen(work, pb::Decision::OVERFLOWED, [&] {
    work.record.set_steps(work.record.steps() + 1);
    work.view().set_overflow_steps(work.record.steps());
    switch (step.action_case()) {
      case pb::OverflowStep::kAddQueue:
        work.record.add_added_queues(std::string(IdPart(step.add_queue())));
        break;
      case pb::OverflowStep::kLowerLevelsBy:
        work.record.set_levels_lowered(work.record.levels_lowered() + step.lower_levels_by());
        break;
      case pb::OverflowStep::kDropSkill:
        work.record.add_dropped_skills(std::string(IdPart(step.drop_skill())));
        break;
      case pb::OverflowStep::ACTION_NOT_SET:
        break;
    }
  });
}

void Engine::EnterRing(Work& work) {
  Widen(work, pb::Decision::RING_ENTERED, [&] {
    work.record.set_rings(work.record.rings() + 1);
    for (const auto& skill : RulesOf(work).rings(work.record.rings()).drop_skills())
      work.record.add_dropped_skills(std::string(IdPart(skill)));
  });
}

void Engine::ExpireCriteria(Work& work) {
  Widen(work, pb::Decision::CRITERIA_EXPIRED,
        [&] { work.record.set_criteria_expired(work.record.criteria_expired() + 1); });
}

/// When the work leaves its ring; nullopt = not.
std::optional<TimePoint> Engine::RingEnds(const Work& work) const {
  const auto& rings = RulesOf(work).rings();
  if (work.record.rings() + 1 >= rings.size()) return std::nullopt;
  auto at = FromProto(work.view().queue_time());
  for (int i = 0; i <= work.record.rings(); ++i) at += FromProto(rings[i].stay());
  return at;
}

/// When the criteria step that holds is over; nullopt = not.
std::optional<TimePoint> Engine::CriteriaEnd(const Work& work) const {
  const auto& steps = CriteriaOf(work.record, RulesOf(work));
  if (work.record.criteria_expired() >= steps.size()) return std::nullopt;
  auto at = FromProto(work.view().queue_time());
  for (int i = 0; i <= work.record.criteria_expired(); ++i) {
    if (!steps[i].has_stay()) return std::nullopt;
    at += FromProto(steps[i].stay());
  }
  return at;
}

/// After a change of queues, profiles or skills: who may take what is worked out anew.
void Engine::RebuildPools() {
  for (const auto& [id, work] : s_->works) {
    work->pools.clear();
    work->home = nullptr;
  }
  for (Session* const session : s_->sessions.Each()) {
    session->rules = &s_->agents.find(session->agent)->second;
    session->places.clear();
    session->open = 0;
    session->counted_working = false;
  }
  for (const auto& [id, room] : s_->rooms) room->plain = nullptr;
  s_->pools.clear();
  for (const auto& [id, room] : s_->rooms) room->plain = &PoolFor(*room, NeedOf(nullptr, room->rules));
  for (const auto& [id, work] : s_->works)
    if (work->in_line && work->held_by == nullptr) JoinPools(*work);
  for (Session* const session : s_->sessions.Each()) EnterReady(*session);
}

/// Works in key order, each its best agent.
void Engine::Rematch() {
  std::vector<Work*> waiting;
  for (const auto& [id, work] : s_->works)
    if (work->in_line) waiting.push_back(work.get());
  std::sort(waiting.begin(), waiting.end(), WorkByKey{});
  for (Work* work : waiting) {
    if (work->held_by != nullptr) {
      if (work->record.directed() || Qualified(*work->held_by, HomeOf(*work))) {
        // The steps of its queue may come earlier now, or there is room for it.
        Seek(*work, "config");
        continue;
      }
      EndHold(*work, false);
    }
    Seek(*work, "config");
  }
}

}  // namespace carillon::routing::domain
