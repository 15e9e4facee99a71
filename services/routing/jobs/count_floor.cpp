#include "routing/jobs/count_floor.hpp"

#include <algorithm>

#include "obs/metrics.hpp"

namespace carillon::routing::jobs {

Floor CountFloor(const Call& call, shard::Shards& shards) {
  Floor sum;
  for (const auto& shard : shards.All()) {
    const auto one = shard->Ask(call, [](const domain::Engine& engine) {
      Floor own;
      for (const auto& queue : engine.QueueIds()) {
        const auto state = engine.StateOf(queue);
        own.waiting += state.waiting();
        own.served += state.in_service();
      }
      for (const auto& session : engine.Sessions()) ++own.agents[session.state()];
      return own;
    });
    if (!one) continue;
    sum.waiting += one->waiting;
    sum.served += one->served;
    sum.busiest = std::max(sum.busiest, one->waiting + one->served);
    for (const auto& [state, count] : one->agents) sum.agents[state] += count;
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
  for (const auto state : {v1::AgentSession::NOT_READY, v1::AgentSession::READY, v1::AgentSession::RESERVED,
                           v1::AgentSession::BUSY, v1::AgentSession::WRAPPING}) {
    const auto found = floor.agents.find(state);
    set(obs::GaugeOf("carillon_routing_agents", "signed-in agents, by state",
                     {{"state", v1::AgentSession::State_Name(state)}}),
        found == floor.agents.end() ? 0 : found->second);
  }
}

}  // namespace carillon::routing::jobs
