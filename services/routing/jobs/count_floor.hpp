#pragma once
#include <cstdint>
#include <map>

#include "base/call.hpp"
#include "routing/shard/shard.hpp"

/// The floor as dashboards see it.
namespace carillon::routing::jobs {

/// All tenants of this process together.
struct Floor {
  std::int64_t waiting = 0;  ///< interactions that wait, offers that ring included
  std::int64_t served = 0;   ///< in talk or wrap-up
  std::int64_t busiest = 0;  ///< both, of the shard that has most
  std::map<v1::AgentSession::State, std::int64_t> agents;
  // What must not be: more than two seconds late of the call's time.
  std::int64_t stuck_agents = 0;    ///< RESERVED longer than any offer rings
  std::int64_t late_deadlines = 0;  ///< shards in which a deadline has passed and nothing happened
  std::int64_t doubled_work = 0;    ///< works that two agents have
  std::int64_t doubled_offers = 0;  ///< agents at whose desk two offers ring
  std::int64_t passed_over = 0;     ///< agents who are free while work waits that they may take
  std::int64_t lost_time = 0;       ///< agents whose intervals do not sum to the session
};

/// A shard that recovers counts nothing meanwhile.
Floor CountFloor(const Call& call, shard::Shards& shards);

/// Sets the gauges.
void ShowFloor(const Floor& floor);

}  // namespace carillon::routing::jobs
