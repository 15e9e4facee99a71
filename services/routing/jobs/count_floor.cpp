#include "routing/jobs/count_floor.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "obs/metrics.hpp"

namespace carillon::routing::jobs {
namespace {

constexpr int kAsked = 2000;  // free agents whom one count asks for the work they may take

}  // namespace

Floor CountFloor(const Call& call, shard::Shards& shards) {
  Floor sum;
  for (const auto& shard : shards.All()) {
    const auto one = shard->Ask(call, [now = call.now](const domain::Engine& engine) {
      Floor own;
      Duration longest = domain::kOfferTimeout;
      for (const auto& queue : engine.QueueIds()) {
        const auto state = engine.StateOf(queue);
        own.waiting += state.waiting();
        own.served += state.in_service();
        longest = std::max(longest, FromProto(engine.FindQueue(queue)->offer_timeout()));
      }
      constexpr auto kLate = std::chrono::seconds{2};
      const auto next = engine.NextDeadline();
      if (next && *next + kLate < now) ++own.late_deadlines;
      // Between a deadline and the tick that follows it somebody may be free for a moment.
      int ask = next && *next <= engine.last() ? 0 : kAsked;
      std::unordered_set<std::string_view> served;
      engine.EachSession([&](const v1::AgentSession& session) {
        ++own.agents[session.state()];
        if (session.state() == v1::AgentSession::RESERVED &&
            FromProto(session.state_time()) + longest + kLate < now)
          ++own.stuck_agents;
        int ringing = 0;
        for (const auto& slot : session.slots()) {
          if (slot.state() == v1::AgentSession::Slot::RINGING) {
            ++ringing;
          } else if (!served.insert(slot.interaction()).second) {
            ++own.doubled_work;
          }
        }
        if (ringing > 1) ++own.doubled_offers;
        const auto finished = FromProto(session.not_ready_duration()) + FromProto(session.ready_duration()) +
                              FromProto(session.reserved_duration()) + FromProto(session.busy_duration()) +
                              FromProto(session.wrapping_duration());
        if (finished != FromProto(session.state_time()) - FromProto(session.create_time())) ++own.lost_time;
        if (session.state() == v1::AgentSession::READY && session.desk_connected() && ask-- > 0 &&
            !engine.BestWorkFor(IdOf(session.agent())).empty())
          ++own.passed_over;
      });
      return own;
    });
    if (!one) continue;
    sum.waiting += one->waiting;
    sum.served += one->served;
    sum.busiest = std::max(sum.busiest, one->waiting + one->served);
    for (const auto& [state, count] : one->agents) sum.agents[state] += count;
    sum.stuck_agents += one->stuck_agents;
    sum.late_deadlines += one->late_deadlines;
    sum.doubled_work += one->doubled_work;
    sum.doubled_offers += one->doubled_offers;
    sum.passed_over += one->passed_over;
    sum.lost_time += one->lost_time;
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
  broken("two agents have one work", floor.doubled_work);
  broken("two offers ring at one desk", floor.doubled_offers);
  broken("an agent is free while work waits", floor.passed_over);
  broken("intervals do not sum to the session", floor.lost_time);
  for (const auto state : {v1::AgentSession::NOT_READY, v1::AgentSession::READY, v1::AgentSession::RESERVED,
                           v1::AgentSession::BUSY, v1::AgentSession::WRAPPING}) {
    const auto found = floor.agents.find(state);
    set(obs::GaugeOf("carillon_routing_agents", "signed-in agents, by state",
                     {{"state", v1::AgentSession::State_Name(state)}}),
        found == floor.agents.end() ? 0 : found->second);
  }
}

}  // namespace carillon::routing::jobs
