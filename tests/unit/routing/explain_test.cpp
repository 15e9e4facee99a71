#include <catch2/catch.hpp>
#include <map>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::Duration;
using carillon::FromProto;
using carillon::ToProto;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;

namespace {
bool All(const std::string&) { return true; }
}  // namespace

TEST_CASE("why it still waits: every agent with the rule that keeps them apart") {
  Floor floor;
  floor.Skill("complaint");
  floor.Queue("complaints", {{"complaint", 6}});
  floor.Queue("sales");
  floor.Profile("all", {"complaints", "sales"});
  floor.Profile("late", {"complaints"}, [](pb::RoutingProfile& profile) {
    *profile.mutable_entries(0)->mutable_delay() = ToProto(Duration{60s});
  });
  floor.Profile("sales", {"sales"});
  const auto make = [&](const std::string& agent, const std::string& profile, int level) {
    floor.Agent(agent, profile, {{"complaint", level}}, 0, [&](pb::Agent& made) {
      if (agent == "1005") made.add_not_with("customers/" + Id("huang"));
    });
    floor.SignIn(agent);
  };
  make("1001", "all", 7);    // resting
  make("1002", "all", 5);    // too low
  make("1003", "sales", 9);  // serves other queues
  make("1004", "all", 8);    // busy
  make("1005", "all", 9);    // must not meet this customer
  make("1006", "late", 9);   // sees it in a minute
  make("1007", "all", 9);    // desk gone
  make("1008", "all", 9);    // refused it
  floor.Desk("1007", false);
  floor.Status("1007", pb::READY);
  floor.Status("1004", pb::READY);
  floor.Ring("other", {.queue = "sales"});
  floor.Accept("other");
  floor.Status("1008", pb::READY);
  Call call;
  call.queue = "complaints";
  call.grade = "GOLD";
  call.more = [](pb::Interaction& in) { in.set_customer("customers/" + Id("huang")); };
  floor.Ring("huang", call);
  floor.Reject("huang");
  for (const char* agent : {"1002", "1003", "1005", "1006"}) floor.Status(agent, pb::READY);
  floor.Status("1001", pb::NOT_READY, "MEAL");
  floor.Pass(1s);
  const auto why = floor.engine().Explain(Id("huang"));
  std::map<std::string, pb::Verdict> by;
  for (const auto& verdict : why.verdicts())
    for (const char* agent : {"1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008"})
      if (verdict.agent() == "agents/" + Id(agent)) by[agent] = verdict;
  REQUIRE(by.size() == 8);
  CHECK(by["1001"].bar() == pb::Verdict::NOT_READY);
  CHECK(by["1001"].reason() == "MEAL");
  CHECK(by["1002"].bar() == pb::Verdict::SKILL_MISSING);
  CHECK(by["1002"].level() == 5);
  CHECK(by["1002"].required() == 6);
  CHECK(by["1003"].bar() == pb::Verdict::QUEUE_NOT_SERVED);
  CHECK(by["1004"].bar() == pb::Verdict::BUSY);
  CHECK(by["1005"].bar() == pb::Verdict::DO_NOT_PAIR);
  CHECK(by["1006"].bar() == pb::Verdict::DELAYED);
  CHECK(FromProto(by["1006"].until()) == FromProto(floor.See("huang").queue_time()) + 60s);
  CHECK(by["1007"].bar() == pb::Verdict::DESK_GONE);
  CHECK(by["1008"].bar() == pb::Verdict::REFUSED);
  CHECK(FromProto(by["1008"].until()) == floor.now() + 29s);
  CHECK(why.key().priority() == 5);
  CHECK(FromProto(why.key().effective_arrival()) == FromProto(floor.See("huang").queue_time()) - 500s);
  CHECK(why.rule_version() == floor.engine().rule_version());
  // Those who come nearest stand first.
  CHECK(why.verdicts(0).bar() >= pb::Verdict::NOT_READY);
  CHECK(why.verdicts(7).bar() == pb::Verdict::QUEUE_NOT_SERVED);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("why an agent has nothing, and what comes next") {
  Floor floor;
  floor.Queue("gold");
  floor.Queue("plain");
  floor.Profile("mixed", {"gold", "plain"}, [](pb::RoutingProfile& profile) {
    profile.mutable_entries(0)->set_priority(1);
    profile.mutable_entries(1)->set_priority(2);
  });
  floor.Agent("1001", "mixed");
  floor.Agent("1002", "mixed");
  floor.SignIn("1001");
  CHECK(floor.engine().ExplainAgent(Id("1002"), All).has_session() == false);
  floor.Ring("old", {.queue = "plain"});
  floor.Pass(60s);
  floor.Ring("young", {.queue = "gold"});
  Call call;
  call.queue = "gold";
  call.more = [](pb::Interaction& in) { in.add_excluded_agents("agents/" + Id("1001")); };
  floor.Ring("barred", call);
  const auto why = floor.engine().ExplainAgent(Id("1001"), All);
  REQUIRE(why.verdicts_size() == 3);
  CHECK(why.verdicts(0).interaction() == "interactions/" + Id("young"));
  CHECK(why.verdicts(0).bar() == pb::Verdict::NOT_READY);
  CHECK(why.verdicts(0).profile_priority() == 1);
  CHECK(why.verdicts(1).interaction() == "interactions/" + Id("old"));
  CHECK(why.verdicts(2).bar() == pb::Verdict::DO_NOT_PAIR);
  CHECK(floor.engine().BestWorkFor(Id("1001")) == Id("young"));
  CHECK(floor.engine().ExplainAgent(Id("1001"), [](const std::string&) { return false; }).verdicts().empty());
  floor.Status("1001", pb::READY);
  CHECK(floor.AgentOf("young") == "1001");
}

TEST_CASE("work kept for its last agent, or not due yet, says so") {
  Floor floor;
  floor.Queue("business");
  floor.Profile("all", {"business"});
  floor.Agent("1001", "all");
  floor.Agent("1002", "all");
  floor.Ready("1001");
  floor.Ring("first");
  floor.Accept("first");
  floor.SignIn("1002");
  floor.Ring("wang", {.last_agent = "1001"});
  const auto kept = floor.engine().VerdictOn(Id("1002"), Id("wang"));
  CHECK(kept.bar() == pb::Verdict::KEPT_FOR_ANOTHER);
  CHECK(FromProto(kept.until()) == floor.now() + 20s);
  CHECK(floor.engine().VerdictOn(Id("1001"), Id("wang")).bar() == pb::Verdict::BUSY);
  floor.Callback("wang", "13900001111", floor.now() + 1h);
  CHECK(floor.engine().VerdictOn(Id("1002"), Id("wang")).bar() == pb::Verdict::NOT_DUE);
}
