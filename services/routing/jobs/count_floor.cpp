#include "routing/jobs/count_floor.hpp"

#include <algorithm>

#include "base/proto_time.hpp"
#include "obs/metrics.hpp"

namespace carillon::routing::jobs {

Floor CountFloor(const Call& call, shard::Shards& shards) {
  Floor sum;
  for (const auto& shard : shards.All()) {
    const auto one = shard->Ask(call, [now = call.now](const domain::Engine& engine) {
      Floor own;
      Duration longest = std::chrono::seconds{15};  // an offer rings when its queue says nothing
      for (const auto& queue : engine.QueueIds()) {
        const auto state = engine.StateOf(queue);
        own.waiting += state.waiting();
        own.served += state.in_service();
        longest = std::max(longest, FromProto(engine.FindQueue(queue)->offer_timeout()));
      }
      constexpr auto kLate = std::chrono::seconds{2};
      for (const auto& session : engine.Sessions()) {
        ++own.agents[session.state()];
        if (session.state() == v1::AgentSession::RESERVED &&
            FromProto(session.state_time()) + longest + kLate < now)
          ++own.stuck_agents;
      }
      if (const auto next = engine.NextDeadline(); next && *next + kLate < now) ++own.late_deadlines;
      return own;
    });
    if (!one) continue;
    sum.waiting += one->waiting;
    sum.served += one->served;
    sum.busiest = std::max(sum.busiest, one->waiting + one->served);
    for (const auto& [state, count] : one->agents) sum.agents[state] += count;
    sum.stuck_agents += one->stuck_agents;
    sum.late_deadlines += one->late_deadlines;
  }
  return sum;
}

void ShowFloor(const Floor& floor) {
  const auto set = [](const obs::Gauge& gauge, std::int64_t value) { gauge.Set(static_cast<double>(value)); };
  set(obs::GaugeOf("carillon_routing_waiting_interactions", "interactions that wait for an agent"),
      floor.waiting);
  set(obs::GaugeOf("carillon_routing_served_interactions", "interactions in talk or wrap-up"), floor.served);
  set(obs::GaugeOf("carillon_routing_busiest_shard_interactions", "interactions of the shard that has most"),
      floor.busiest);
  const auto broken = [&](const char* invariant, std::int64_t count) {
    set(obs::GaugeOf("carillon_routing_broken_invariants", "what must never be, now: reads 0",
                     {{"invariant", invariant}}),
        count);
  };
  broken("an agent rings longer than any offer", floor.stuck_agents);
  broken("a deadline passes and nothing happens", floor.late_deadlines);
  for (const auto state : {v1::AgentSession::NOT_READY, v1::AgentSession::READY, v1::AgentSession::RESERVED,
                           v1::AgentSession::BUSY, v1::AgentSession::WRAPPING}) {
    const auto found = floor.agents.find(state);
    set(obs::GaugeOf("carillon_routing_agents", "signed-in agents, by state",
                     {{"state", v1::AgentSession::State_Name(state)}}),
        found == floor.agents.end() ? 0 : found->second);
  }
}

}  // namespace carillon::routing::jobs
