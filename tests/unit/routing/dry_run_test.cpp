#include "routing/domain/dry_run.hpp"

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::routing::testing::Bytes;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace domain = carillon::routing::domain;
namespace pb = carillon::routing::v1;

namespace {

/// Three wait for complaints; 1001 holds the skill at 7 and talks, 1002 at 5 and is ready.
Floor Waiting() {
  Floor floor;
  floor.Skill("complaint");
  floor.Queue("complaints", {{"complaint", 6}});
  floor.Queue("sales");
  floor.Profile("all", {"complaints"});
  floor.Profile("sellers", {"sales"});
  floor.Agent("1001", "all", {{"complaint", 7}});
  floor.Agent("1002", "all", {{"complaint", 5}});
  floor.Agent("1003", "sellers", {{"complaint", 9}});
  for (const char* agent : {"1001", "1002", "1003"}) floor.Ready(agent);
  for (const char* caller : {"talks", "first", "second", "third"}) {
    floor.Ring(caller, {.queue = "complaints"});
    floor.Pass(1s);
  }
  floor.Accept("talks");
  return floor;
}

carillon::Result<pb::DryRunRulesResponse> Try(Floor& floor,
                                              const std::function<void(pb::DryRunRulesRequest&)>& what,
                                              bool sees = true) {
  pb::DryRunRulesRequest request;
  what(request);
  return domain::DryRun(floor.engine().Snapshot(), floor.engine().last(), request,
                        [&](const std::string&) { return sees; });
}

}  // namespace

TEST_CASE(
    "a lower level is tried: who would be served at once, who would move up, and nothing has happened") {
  Floor floor = Waiting();
  const auto before = Bytes(floor.engine().Snapshot());
  const auto tried = Try(floor, [&](auto& request) {
    auto& queue = *request.add_changes()->mutable_queue();
    queue = *floor.engine().FindQueue("complaints");
    queue.mutable_required_skills(0)->set_min_level(5);
  });
  REQUIRE(tried);
  CHECK(tried->waiting() == 3);
  CHECK(tried->differing() == 3);
  REQUIRE(tried->outcomes_size() == 3);
  const auto& first = tried->outcomes(0);
  CHECK(first.interaction() == "interactions/" + Id("first"));
  CHECK(first.offered_to() == "agents/" + Id("1002"));
  CHECK(first.position() == 1);
  CHECK(first.position_after() == 0);
  CHECK(first.agents() == 1);
  CHECK(tried->outcomes(1).position_after() == 1);
  CHECK(tried->outcomes(1).agents_after() == 2);
  REQUIRE(tried->queues_size() == 1);
  CHECK(tried->queues(0).waiting() == 3);
  CHECK(tried->queues(0).waiting_after() == 3);  // the offer that rings waits still
  CHECK(tried->queues(0).agents() == 1);
  CHECK(tried->queues(0).agents_after() == 2);
  CHECK(Bytes(floor.engine().Snapshot()) == before);
  CHECK(floor.StateOf("1002") == pb::AgentSession::READY);
  // What was foretold comes true.
  floor.Queue("complaints", {{"complaint", 5}});
  CHECK(floor.AgentOf("first") == "1002");
  CHECK(floor.See("second").position() == 1);
}

TEST_CASE("several changes count together: a new queue in a profile, an agent moved") {
  Floor floor = Waiting();
  const auto tried = Try(floor, [&](auto& request) {
    auto& queue = *request.add_changes()->mutable_queue();
    queue.set_code("experts");
    queue.set_client("clients/" + Id("client"));
    auto& profile = *request.add_changes()->mutable_routing_profile();
    profile = *floor.engine().FindProfile("sellers");
    profile.add_entries()->set_queue("queues/experts");
    profile.add_entries()->set_queue("queues/complaints");
  });
  REQUIRE(tried);
  CHECK(tried->outcomes(0).offered_to() == "agents/" + Id("1003"));
  REQUIRE(tried->queues_size() == 2);
  CHECK(tried->queues(0).code() == "complaints");
  CHECK(tried->queues(0).agents() == 1);
  CHECK(tried->queues(0).agents_after() == 2);
  CHECK(tried->queues(1).code() == "experts");
  CHECK(tried->queues(1).agents_after() == 1);
}

TEST_CASE("a change that would be refused is named, and other people's customers are not told") {
  Floor floor = Waiting();
  const auto wrong = Try(floor, [&](auto& request) {
    *request.add_changes()->mutable_skill() = *floor.engine().FindSkill("complaint");
    auto& agent = *request.add_changes()->mutable_agent();
    agent = *floor.engine().FindAgent(Id("1003"));
    agent.set_routing_profile("routingProfiles/nowhere");
  });
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().reason == "ROUTING_PROFILE_UNKNOWN");
  CHECK(wrong.error().metadata.at("change") == "1");
  const auto hidden = Try(
      floor,
      [&](auto& request) {
        auto& agent = *request.add_changes()->mutable_agent();
        agent = *floor.engine().FindAgent(Id("1002"));
        agent.mutable_skills(0)->set_level(9);
      },
      false);
  REQUIRE(hidden);
  CHECK(hidden->differing() == 3);
  CHECK(hidden->outcomes().empty());
  CHECK(hidden->queues().empty());
  const auto theirs = Try(
      floor, [&](auto& request) { request.add_changes()->mutable_queue()->set_name("queues/complaints"); },
      false);
  CHECK(theirs.error().reason == "QUEUE_UNKNOWN");
  const auto nothing = Try(floor, [&](auto& request) {
    *request.add_changes()->mutable_queue() = *floor.engine().FindQueue("sales");
  });
  CHECK(nothing->differing() == 0);
}
