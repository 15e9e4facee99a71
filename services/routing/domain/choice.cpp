#include <algorithm>

#include "routing/domain/state.hpp"

/// Which of the agents who may take work gets it: the strategies of a queue.
namespace carillon::routing::domain {
namespace {

constexpr std::int64_t kFullIdle = 600'000'000;  // all points of the criterion idle_time, microseconds
constexpr int kAbility = 50;                     // of an agent whose ability nobody knows
constexpr std::int64_t kHour = 3'600'000'000;

int AbilityOf(const pb::Agent& agent) {
  return agent.service_ability() == 0 ? kAbility : agent.service_ability();
}

/// splitmix64: the same lot for the same words, in every process and every replay.
std::uint64_t Mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// The agent's lot for this offer of the work: the lowest of `tickets` draws.
std::int64_t LotOf(const pb::InteractionRecord& work, const std::string& agent, int tickets) {
  auto seed = Mixed(static_cast<std::uint64_t>(work.sequence())) ^
              Mixed(static_cast<std::uint64_t>(work.reservation_version()) + 1);
  for (const char letter : agent) seed = Mixed(seed ^ static_cast<unsigned char>(letter));
  auto best = ~std::uint64_t{0};
  for (int i = 0; i < tickets; ++i) best = std::min(best, Mixed(seed + static_cast<std::uint64_t>(i)));
  return static_cast<std::int64_t>(best >> 1U);
}

const pb::Queue::Weights& WeightsOf(const pb::Queue& queue) {
  static const auto standard = [] {
    pb::Queue::Weights out;
    out.set_skill_level(40);
    out.set_idle_time(25);
    out.set_last_agent(20);
    out.set_service_ability(10);
    out.set_recent_load(5);
    return out;
  }();
  return queue.has_weights() ? queue.weights() : standard;
}

/// The skill preferred for callers from this number; "" = none.
std::string_view PreferredSkill(const pb::Queue& queue, const std::string& number) {
  std::string_view skill;
  std::size_t longest = 0;
  for (const auto& rule : queue.number_rules())
    if (rule.prefix().size() > longest && number.starts_with(rule.prefix())) {
      longest = rule.prefix().size();
      skill = IdPart(rule.skill());
    }
  return skill;
}

}  // namespace

int Engine::SkillScore(const pb::Agent& agent, const Need& need) {
  int sum = 0;
  for (const auto& [skill, level] : need.all) sum += LevelOf(agent, skill);
  return sum;
}

/// Points of the WEIGHTED strategy.
std::int64_t Engine::PointsOf(const Session& session, const Work& work, const Need& need) const {
  const auto& queue = RulesOf(work);
  const auto& weights = WeightsOf(queue);
  const auto& agent = *session.rules;
  std::int64_t points = 0;
  if (!need.all.empty())
    points += std::int64_t{weights.skill_level()} * SkillScore(agent, need) * 100 /
              static_cast<std::int64_t>(need.all.size());
  const auto idle = std::clamp(Micros(now_) - session.record.idle_since(), std::int64_t{0}, kFullIdle);
  points += weights.idle_time() * (idle * 1000 / kFullIdle);
  if (!work.view().last_agent().empty() && work.view().last_agent() == agent.name())
    points += std::int64_t{weights.last_agent()} * 1000;
  points += std::int64_t{weights.service_ability()} * AbilityOf(agent) * 10;
  points -= weights.recent_load() * (OccupancyOf(session.view(), now_) / 1000);
  if (session.record.slot() == Micros(now_) / kHour)
    points -= std::int64_t{weights.time_of_day()} * std::min(10, session.record.slot_handled()) * 100;
  if (const auto skill = PreferredSkill(queue, work.view().calling_number()); !skill.empty())
    points += std::int64_t{weights.calling_number()} * LevelOf(agent, skill) * 100;
  return points;
}

/// What the strategy of the work's queue sees in the agent; the lowest is chosen.
std::int64_t Engine::RankOf(const Session& session, const Work& work, const Need& need) const {
  const auto& queue = RulesOf(work);
  const auto& view = session.view();
  if (queue.evaluation() == pb::Queue::BEST_AVAILABLE) return -SkillScore(*session.rules, need);
  switch (queue.strategy()) {
    case pb::Queue::HIGHEST_SKILL:
      return -SkillScore(*session.rules, need);
    case pb::Queue::ROUND_ROBIN:
      return session.record.last_offer();
    case pb::Queue::LEAST_TALK:
      return FromProto(view.busy_duration()).count();
    case pb::Queue::FEWEST_HANDLED:
      return view.handled();
    case pb::Queue::TOP_DOWN:
      return session.rules->rank() == 0 ? std::numeric_limits<std::int64_t>::max() : session.rules->rank();
    case pb::Queue::LEAST_OCCUPIED:
      return OccupancyOf(view, now_);
    case pb::Queue::RANDOM:
      return LotOf(work.record, session.agent, 1);
    case pb::Queue::WEIGHTED_RANDOM:
      return LotOf(work.record, session.agent, AbilityOf(*session.rules));
    case pb::Queue::WEIGHTED:
      return -PointsOf(session, work, need);
    default:
      return 0;  // the longest idle is the tie's rule already
  }
}

/// The best available agent for the work, by the rules of its own queue; none of `but`.
Engine::Chosen Engine::ChooseAgent(const Work& work, const std::vector<Session*>& but) const {
  Chosen best;
  const auto& queue = RulesOf(work);
  const bool ranked = queue.evaluation() == pb::Queue::BEST_AVAILABLE;
  const bool by_idle = !ranked && queue.strategy() <= pb::Queue::LONGEST_IDLE;
  std::int64_t best_rank = 0;
  for (const Pool* pool : work.pools) {
    for (Session* session : pool->ready) {
      if (std::find(but.begin(), but.end(), session) != but.end()) continue;
      if (const Bar bar = BarTo(*session, *pool->room, work); bar != Bar::kNone) {
        ++(bar == Bar::kRefused ? best.refused : bar == Bar::kDelayed ? best.delayed : best.not_paired);
        continue;
      }
      const auto rank = by_idle ? 0 : RankOf(*session, work, pool->need);
      if (best.session == nullptr || rank < best_rank ||
          (rank == best_rank && SessionByIdle{}(session, best.session))) {
        best.session = session;
        best_rank = rank;
      }
      if (by_idle) break;  // the rest of the pool is idle for less long
    }
  }
  if (ranked)
    best.strategy = "BEST_AVAILABLE";
  else if (!by_idle)
    best.strategy = pb::Queue::Strategy_Name(queue.strategy()).c_str();
  if (!ranked && queue.strategy() == pb::Queue::WEIGHTED) best.points = -best_rank;
  return best;
}

/// One more interaction taken: the figures that strategies look at.
void Engine::CountTaken(Session& session) {
  session.view().set_handled(session.view().handled() + 1);
  const auto hour = Micros(now_) / kHour;
  session.record.set_slot_handled(session.record.slot() == hour ? session.record.slot_handled() + 1 : 1);
  session.record.set_slot(hour);
}

}  // namespace carillon::routing::domain
