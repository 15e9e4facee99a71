#include "rig.hpp"
#include "routing/jobs/count_floor.hpp"

namespace carillon::routing::rig {

TEST_CASE("the floor is counted over all tenants: who waits, who is served, agents by state") {
  shard::Shards shards(
      Pool(), TheClock(),
      [](const std::string& tenant, std::chrono::milliseconds limit) { return OwnCall(tenant, limit); }, {});
  CHECK(jobs::CountFloor(OwnCall("", 5s), shards).agents.empty());
  for (const int waiting : {1, 3}) {
    const auto tenant = testing::SomeId();
    const auto shard = shards.Of(tenant);
    const auto agents = Furnish(*shard, tenant, 2);
    for (const auto& agent : agents)
      REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agent), SignIn(agent)));
    for (int i = 0; i < waiting; ++i) REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  }
  auto floor = jobs::CountFloor(OwnCall("", 5s), shards);
  CHECK(floor.waiting == 4);
  CHECK(floor.served == 0);
  CHECK(floor.busiest == 3);
  CHECK(floor.agents == std::map<pb::AgentSession::State, std::int64_t>{{pb::AgentSession::NOT_READY, 4}});

  const auto tenant = testing::SomeId();
  const auto shard = shards.Of(tenant);
  const auto agent = Furnish(*shard, tenant, 1).front();
  auto feed = std::make_shared<rpc::Feed<pb::Desk>>();
  Reader<pb::Desk> desk(feed);
  shard->WatchDesk(agent, feed);
  REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agent), SignIn(agent)));
  REQUIRE(shard->Do<pb::AgentSession>(UserCall(tenant, agent), Ready(agent)));
  REQUIRE(shard->Do<pb::Interaction>(OwnCall(tenant, 5s), Ring()));
  const auto offered = desk.Await([](const pb::Desk& d) { return d.offers_size() == 1; });
  floor = jobs::CountFloor(OwnCall("", 5s), shards);
  CHECK(floor.stuck_agents == 0);
  CHECK(floor.late_deadlines == 0);
  // As it would look to somebody whose clock is far ahead: nobody took the offer back.
  auto ahead = OwnCall("", 5s);
  ahead.now += std::chrono::hours{48};
  floor = jobs::CountFloor(ahead, shards);
  CHECK(floor.stuck_agents == 1);
  CHECK(floor.late_deadlines == 1);
  REQUIRE(shard->Do<pb::Interaction>(UserCall(tenant, agent), AcceptOf(offered)));
  floor = jobs::CountFloor(OwnCall("", 5s), shards);
  CHECK(floor.waiting == 4);
  CHECK(floor.served == 1);
  CHECK(floor.agents[pb::AgentSession::BUSY] == 1);
  CHECK(floor.doubled_work == 0);
  CHECK(floor.doubled_offers == 0);
  CHECK(floor.passed_over == 0);
  CHECK(floor.lost_time == 0);
}

}  // namespace carillon::routing::rig
