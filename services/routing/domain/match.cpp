#include <algorithm>

#include "base/proto_time.hpp"
#include "routing/domain/state.hpp"

/// Who gets what. The rule that everything here keeps: after each step no available agent sees waiting work
/// that the agent may take. So new work only has to look for an agent, and a freed agent only for work.
namespace carillon::routing::domain {
namespace {

constexpr int kMostDecisions = 60;

std::string PoolKey(const std::string& queue, const std::vector<std::pair<std::string, int>>& requirements) {
  std::string key = queue;
  for (const auto& [skill, level] : requirements) key += "|" + skill + ":" + std::to_string(level);
  return key;
}

}  // namespace

/// What the queue and the work ask together, after overflow; sorted by skill.
std::vector<std::pair<std::string, int>> Engine::Requirements(const Work& work,
                                                              const pb::Queue& queue) const {
  std::map<std::string, int> levels;
  const auto add = [&](const pb::SkillRequirement& need) {
    const std::string skill(IdPart(need.skill()));
    levels[skill] = std::max({levels[skill], need.min_level(), 1});
  };
  for (const auto& need : queue.required_skills()) add(need);
  for (const auto& need : work.view().required_skills()) add(need);
  for (const auto& dropped : work.record.dropped_skills()) levels.erase(dropped);
  std::vector<std::pair<std::string, int>> out;
  for (const auto& [skill, level] : levels)
    out.emplace_back(skill, std::max(1, level - work.record.levels_lowered()));
  return out;
}

bool Engine::Qualified(const Session& session, const Pool& pool) const {
  const auto agent = s_->agents.find(session.agent);
  if (agent == s_->agents.end()) return false;
  const auto entries = s_->entries.find(IdPart(agent->second.routing_profile()));
  if (entries == s_->entries.end() || !entries->second.contains(pool.queue)) return false;
  return std::all_of(pool.requirements.begin(), pool.requirements.end(), [&](const auto& need) {
    return std::any_of(agent->second.skills().begin(), agent->second.skills().end(), [&](const auto& held) {
      return IdPart(held.skill()) == need.first && held.level() >= need.second;
    });
  });
}

/// False while the agent's profile shows the queue later, or the agent has refused this work lately.
bool Engine::Visible(const Session& session, const Pool& pool, const Work& work) const {
  for (const auto& refusal : work.record.refusals())
    if (refusal.agent() == session.agent && refusal.until() > Micros(now_)) return false;
  const auto delays = s_->delays.find(pool.queue);
  if (delays == s_->delays.end() || delays->second.empty()) return true;
  const auto& entries =
      s_->entries.find(IdPart(s_->agents.find(session.agent)->second.routing_profile()))->second;
  return now_ - FromProto(work.view().queue_time()) >= entries.at(pool.queue).delay;
}

Engine::Pool& Engine::PoolFor(const std::string& queue,
                              std::vector<std::pair<std::string, int>> requirements) {
  const auto key = PoolKey(queue, requirements);
  if (const auto found = s_->pools.find(key); found != s_->pools.end()) return *found->second;
  auto made = std::make_unique<Pool>();
  made->key = key;
  made->queue = queue;
  made->requirements = std::move(requirements);
  for (const auto& [agent, session] : s_->sessions) {
    if (!Qualified(*session, *made)) continue;
    session->pools.push_back(made.get());
    ++made->qualified;
    if (session->counted_working) ++made->working;
    if (session->in_ready) made->ready.insert(session.get());
  }
  return *s_->pools.emplace(key, std::move(made)).first->second;
}

void Engine::JoinPools(Work& work) {
  const auto join = [&](const std::string& id) {
    const auto queue = s_->queues.find(id);
    if (queue == s_->queues.end()) return;
    Pool& pool = PoolFor(id, Requirements(work, queue->second));
    if (pool.waiting.insert(&work).second) work.pools.push_back(&pool);
  };
  join(std::string(IdPart(work.view().queue())));
  for (const auto& id : work.record.added_queues()) join(id);
}

void Engine::LeavePools(Work& work) {
  for (Pool* pool : work.pools) pool->waiting.erase(&work);
  work.pools.clear();
}

void Engine::EnterReady(Session& session) {
  const bool working = session.view().state() != pb::AgentSession::NOT_READY &&
                       session.view().state() != pb::AgentSession::SIGNED_OUT;
  if (working != session.counted_working) {
    for (Pool* pool : session.pools) pool->working += working ? 1 : -1;
    session.counted_working = working;
  }
  if (session.in_ready || !session.available()) return;
  for (Pool* pool : session.pools) pool->ready.insert(&session);
  session.in_ready = true;
}

void Engine::LeaveReady(Session& session) {
  if (!session.in_ready) return;
  for (Pool* pool : session.pools) pool->ready.erase(&session);
  session.in_ready = false;
}

void Engine::FindPools(Session& session) {
  for (const auto& [key, pool] : s_->pools) {
    if (!Qualified(session, *pool)) continue;
    session.pools.push_back(pool.get());
    ++pool->qualified;
  }
}

/// The best available agent for the work, by the strategy of its own queue.
Engine::Chosen Engine::ChooseAgent(const Work& work) const {
  Chosen best;
  const auto queue = s_->queues.find(IdPart(work.view().queue()));
  const auto strategy = queue == s_->queues.end() ? pb::Queue::LONGEST_IDLE : queue->second.strategy();
  const auto score = [&](const Session& session, const Pool& pool) {
    std::int64_t sum = 0;
    for (const auto& held : s_->agents.find(session.agent)->second.skills())
      for (const auto& need : pool.requirements)
        if (IdPart(held.skill()) == need.first) sum += held.level();
    return sum;
  };
  std::int64_t best_score = 0;
  for (const Pool* pool : work.pools) {
    for (Session* session : pool->ready) {
      if (!Visible(*session, *pool, work)) {
        const bool refused = std::any_of(
            work.record.refusals().begin(), work.record.refusals().end(),
            [&](const auto& r) { return r.agent() == session->agent && r.until() > Micros(now_); });
        ++(refused ? best.refused : best.delayed);
        continue;
      }
      if (strategy == pb::Queue::HIGHEST_SKILL || strategy == pb::Queue::ROUND_ROBIN) {
        const auto mine =
            strategy == pb::Queue::HIGHEST_SKILL ? -score(*session, *pool) : session->record.last_offer();
        if (best.session == nullptr || mine < best_score ||
            (mine == best_score && SessionByIdle{}(session, best.session))) {
          best.session = session;
          best_score = mine;
        }
        continue;
      }
      if (best.session == nullptr || SessionByIdle{}(session, best.session)) best.session = session;
      break;  // the rest of the pool is idle for less long
    }
  }
  if (strategy == pb::Queue::HIGHEST_SKILL) best.strategy = "HIGHEST_SKILL";
  if (strategy == pb::Queue::ROUND_ROBIN) best.strategy = "ROUND_ROBIN";
  return best;
}

/// The best work the agent may take: the profile's priority, then the key.
Engine::Work* Engine::ChooseWork(const Session& session) const {
  Work* best = nullptr;
  int best_priority = 0;
  const auto& entries =
      s_->entries.find(IdPart(s_->agents.find(session.agent)->second.routing_profile()))->second;
  const auto offer = [&](Work* work, int priority) {
    if (best != nullptr && (priority > best_priority || (priority == best_priority && best->key < work->key)))
      return;
    best = work;
    best_priority = priority;
  };
  for (const Pool* pool : session.pools) {
    const int priority = entries.at(pool->queue).priority;
    for (Work* work : pool->waiting) {
      if (!Visible(session, *pool, *work)) continue;
      offer(work, priority);
      break;  // the rest of the pool comes later
    }
  }
  for (Work* work : session.held) {
    const auto entry = entries.find(std::string(IdPart(work->view().queue())));
    offer(work, entry == entries.end() ? 1 : entry->second.priority);
    break;
  }
  return best;
}

pb::Decision& Engine::Note(Work& work, pb::Decision::Kind kind, const char* trigger) {
  auto& list = *work.record.mutable_decisions();
  // The first and the latest explain most; the middle of a very long wait goes.
  if (list.size() >= kMostDecisions) list.DeleteSubrange(kMostDecisions / 2, 1);
  auto& note = *list.Add();
  *note.mutable_time() = ToProto(now_);
  note.set_kind(kind);
  note.set_trigger(trigger);
  note.set_rule_version(rule_version_);
  note.set_queue(work.view().queue());
  note.set_priority(work.key.priority);
  note.set_bonus_seconds(work.record.bonus_seconds());
  note.set_signed_in(static_cast<int>(s_->sessions.size()));
  const auto line = s_->lines.find(IdPart(work.view().queue()));
  if (line != s_->lines.end())
    note.set_waiting(static_cast<int>(line->second.tree.size()) - (work.in_line ? 1 : 0));
  if (const auto queue = s_->queues.find(IdPart(work.view().queue())); queue != s_->queues.end()) {
    const Pool& pool = PoolFor(queue->first, Requirements(work, queue->second));
    note.set_not_qualified(note.signed_in() - pool.qualified);
    note.set_not_available(pool.qualified - static_cast<int>(pool.ready.size()));
    note.set_candidates(static_cast<int>(pool.ready.size()));
  }
  return note;
}

/// Looks for an agent; leaves the work waiting, its clock set, when there is none.
void Engine::Seek(Work& work, const char* trigger) {
  work.record.set_checked(Micros(now_));
  if (work.held_by != nullptr) {
    Touch(work);
    Arm(work);
    return;
  }
  const Chosen chosen = ChooseAgent(work);
  if (chosen.session != nullptr) {
    Offer(work, *chosen.session, trigger, chosen.strategy);
    auto& note = *work.record.mutable_decisions(work.record.decisions_size() - 1);
    note.set_refused_lately(chosen.refused);
    note.set_delayed(chosen.delayed);
    return;
  }
  const auto& notes = work.record.decisions();
  if (notes.empty() || notes[notes.size() - 1].kind() != pb::Decision::QUEUED) {
    auto& note = Note(work, pb::Decision::QUEUED, trigger);
    note.set_refused_lately(chosen.refused);
    note.set_delayed(chosen.delayed);
    note.set_candidates(std::max(0, note.candidates() - chosen.refused - chosen.delayed));
  }
  Touch(work);
  Arm(work);
}

/// A freed agent takes the best work.
void Engine::Take(Session& session) {
  if (!session.available()) return;
  if (Work* work = ChooseWork(session); work != nullptr)
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

void Engine::Widen(Work& work, const pb::OverflowStep& step) {
  if (work.held_by != nullptr) EndHold(work, false);
  LeavePools(work);
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
  *work.view().mutable_update_time() = ToProto(now_);
  JoinPools(work);
  Note(work, pb::Decision::OVERFLOWED, "step");
  auto event = std::make_shared<pb::InteractionOverflowed>();
  *event->mutable_interaction() = work.view();
  event->mutable_interaction()->clear_note();
  event->mutable_interaction()->clear_attached_data();
  event->set_step(work.record.steps());
  Publish(Event::Aggregate::kInteraction, work.id, event);
  Seek(work, "step");
}

/// After a change of queues, profiles or skills: who may take what is worked out anew.
void Engine::RebuildPools() {
  for (const auto& [id, work] : s_->works) work->pools.clear();
  for (const auto& [id, session] : s_->sessions) {
    session->pools.clear();
    session->in_ready = false;
    session->counted_working = false;
  }
  s_->pools.clear();
  for (const auto& [id, queue] : s_->queues) {
    Work plain;
    PoolFor(id, Requirements(plain, queue));
  }
  for (const auto& [id, work] : s_->works)
    if (work->view().state() == pb::Interaction::QUEUED && work->held_by == nullptr) JoinPools(*work);
  for (const auto& [id, session] : s_->sessions) EnterReady(*session);
}

/// Works in key order, each its best agent.
void Engine::Rematch() {
  std::vector<Work*> waiting;
  for (const auto& [id, work] : s_->works)
    if (work->view().state() == pb::Interaction::QUEUED) waiting.push_back(work.get());
  std::sort(waiting.begin(), waiting.end(), WorkByKey{});
  for (Work* work : waiting) {
    if (work->held_by != nullptr) {
      const auto queue = s_->queues.find(IdPart(work->view().queue()));
      if (queue != s_->queues.end() &&
          Qualified(*work->held_by, PoolFor(queue->first, Requirements(*work, queue->second)))) {
        Arm(*work);  // the steps of its queue may come earlier now
        continue;
      }
      EndHold(*work, false);
    }
    Seek(*work, "config");
  }
}

}  // namespace carillon::routing::domain
