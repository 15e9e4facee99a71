#include <catch2/catch.hpp>
#include <map>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::Duration;
using carillon::ToProto;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;
using Strategy = pb::Queue;

namespace {

std::string Answer(const carillon::routing::domain::Applied& applied) {
  return applied.error ? applied.error->reason : "";
}

/// One queue "business" with these rules, skills complaint and cantonese, a profile of it; agents are the
/// test's.
Floor FloorWith(const std::function<void(pb::Queue&)>& rules,
                std::vector<std::pair<std::string, int>> needs = {}) {
  Floor floor;
  floor.Skill("complaint");
  floor.Skill("cantonese");
  floor.Queue("business", std::move(needs), rules);
  floor.Profile("all", {"business"});
  return floor;
}

/// A whole interaction of this talk time, by whom it is offered to.
void Serve(Floor& floor, const std::string& name, Duration talk) {
  floor.Ring(name);
  floor.Accept(name);
  floor.Pass(talk);
  floor.HangUp(name);
  floor.Complete(name);
}

}  // namespace

TEST_CASE("best available: nobody is left out, the highest mean level goes first, then the longest idle") {
  Floor floor = FloorWith([](pb::Queue& queue) { queue.set_evaluation(Strategy::BEST_AVAILABLE); },
                          {{"complaint", 6}, {"cantonese", 6}});
  floor.Agent("1001", "all", {{"complaint", 9}});
  floor.Agent("1002", "all", {{"complaint", 5}, {"cantonese", 5}});
  floor.Agent("1003", "all");
  floor.Ready("1003");
  floor.Pass(1s);
  floor.Ready("1001");
  floor.Ready("1002");
  floor.Ring("a");
  CHECK(floor.AgentOf("a") == "1002");  // 10 of 20
  floor.Ring("b");
  CHECK(floor.AgentOf("b") == "1001");  // 9 of 20
  floor.Ring("c");
  CHECK(floor.AgentOf("c") == "1003");
  CHECK(floor.LastRecord("c").decisions(0).strategy() == "BEST_AVAILABLE");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("disregard: skills do not count, the longest idle gets it") {
  Floor floor =
      FloorWith([](pb::Queue& queue) { queue.set_evaluation(Strategy::DISREGARD); }, {{"complaint", 6}});
  floor.Agent("1001", "all", {{"complaint", 9}});
  floor.Agent("1002", "all");
  floor.Ready("1002");
  floor.Pass(1s);
  floor.Ready("1001");
  floor.Ring("a", {.skills = {{"cantonese", 3}}});
  CHECK(floor.AgentOf("a") == "1002");
}

TEST_CASE("each strategy picks by its own figure") {
  Floor floor = FloorWith([](pb::Queue& queue) { queue.set_strategy(Strategy::FEWEST_HANDLED); });
  floor.Agent("1001", "all", {}, 0, [](pb::Agent& agent) { agent.set_rank(2); });
  floor.Agent("1002", "all", {}, 0, [](pb::Agent& agent) { agent.set_rank(1); });
  floor.Agent("1003", "all");
  const auto next = [&](Strategy::Strategy strategy) {
    floor.Queue("business", {}, [&](pb::Queue& queue) { queue.set_strategy(strategy); });
    const auto name = "probe " + Strategy::Strategy_Name(strategy);
    floor.Ring(name);
    const auto agent = floor.AgentOf(name);
    CHECK(floor.LastRecord(name).decisions(0).strategy() == Strategy::Strategy_Name(strategy));
    floor.HangUp(name);
    return agent;
  };
  // 1001: one long talk. 1002: two short ones. 1003: new, and has not been idle for long.
  floor.Ready("1001");
  Serve(floor, "long", 300s);
  floor.Status("1001", pb::NOT_READY, "REST");
  floor.Ready("1002");
  Serve(floor, "short 1", 10s);
  Serve(floor, "short 2", 10s);
  floor.Pass(400s);
  floor.Status("1001", pb::READY);
  floor.Pass(1s);
  floor.Ready("1003");
  CHECK(next(Strategy::LONGEST_IDLE) == "1002");
  CHECK(next(Strategy::FEWEST_HANDLED) == "1003");
  CHECK(next(Strategy::LEAST_TALK) == "1003");
  CHECK(next(Strategy::TOP_DOWN) == "1002");
  CHECK(next(Strategy::LEAST_OCCUPIED) == "1003");
  floor.SignOut("1003");
  CHECK(next(Strategy::FEWEST_HANDLED) == "1001");
  CHECK(next(Strategy::LEAST_TALK) == "1002");
  CHECK(next(Strategy::LEAST_OCCUPIED) == "1002");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("lots fall evenly, or by ability; and a replay draws the same") {
  for (const auto strategy : {Strategy::RANDOM, Strategy::WEIGHTED_RANDOM}) {
    Floor floor = FloorWith([&](pb::Queue& queue) { queue.set_strategy(strategy); });
    floor.Agent("1001", "all", {}, 0, [](pb::Agent& agent) { agent.set_service_ability(20); });
    floor.Agent("1002", "all", {}, 0, [](pb::Agent& agent) { agent.set_service_ability(80); });
    floor.Ready("1001");
    floor.Ready("1002");
    std::map<std::string, int> got;
    for (int i = 0; i < 1000; ++i) {
      const auto name = "call " + std::to_string(i);
      floor.Ring(name);
      ++got[floor.AgentOf(name)];
      floor.HangUp(name);
    }
    const int expected = strategy == Strategy::RANDOM ? 500 : 800;
    CHECK(std::abs(got["1002"] - expected) < 60);  // more than four standard deviations
    CHECK(floor.RebuildsAndReplays());
  }
}

TEST_CASE("the six criteria add up by weight, and each can be switched off") {
  using Set = std::function<void(pb::Queue::Weights&)>;
  const auto winner = [](const Set& set) {
    Floor floor = FloorWith(
        [&](pb::Queue& queue) {
          queue.set_strategy(Strategy::WEIGHTED);
          queue.set_no_last_agent(true);  // only the points speak
          set(*queue.mutable_weights());
          auto& rule = *queue.add_number_rules();
          rule.set_prefix("0763");
          rule.set_skill("skills/cantonese");
        },
        {{"complaint", 1}});
    // 1001 idle longest; 1002 able; 1003 speaks the dialect; 1004 best at complaints; 1005 knows the
    // customer.
    floor.Agent("1001", "all", {{"complaint", 2}});
    floor.Agent("1002", "all", {{"complaint", 2}}, 0,
                [](pb::Agent& agent) { agent.set_service_ability(90); });
    floor.Agent("1003", "all", {{"complaint", 2}, {"cantonese", 9}});
    floor.Agent("1004", "all", {{"complaint", 9}});
    floor.Agent("1005", "all", {{"complaint", 2}});
    for (const char* agent : {"1001", "1002", "1003", "1004", "1005"}) {
      floor.Ready(agent);
      floor.Pass(1s);
    }
    Call call;
    call.last_agent = "1005";
    call.more = [](pb::Interaction& in) { in.set_calling_number("07633888888"); };
    floor.Ring("li", call);
    CHECK(floor.RebuildsAndReplays());
    return floor.AgentOf("li");
  };
  CHECK(winner([](auto& w) { w.set_idle_time(1); }) == "1001");
  CHECK(winner([](auto& w) { w.set_service_ability(1); }) == "1002");
  CHECK(winner([](auto& w) { w.set_calling_number(1); }) == "1003");
  CHECK(winner([](auto& w) { w.set_skill_level(1); }) == "1004");
  CHECK(winner([](auto& w) { w.set_last_agent(1); }) == "1005");
  // 1004: 900 · 40; 1005: 200 · 40 + 1000 · 20.
  CHECK(winner([](auto& w) {
          w.set_skill_level(40);
          w.set_last_agent(20);
        }) == "1004");
  CHECK(winner([](auto& w) {
          w.set_skill_level(20);
          w.set_last_agent(40);
        }) == "1005");
}

TEST_CASE("time of day and load take points off") {
  Floor floor = FloorWith([](pb::Queue& queue) {
    queue.set_strategy(Strategy::WEIGHTED);
    queue.mutable_weights()->set_time_of_day(1);
  });
  floor.Agent("1001", "all");
  floor.Agent("1002", "all");
  floor.Ready("1001");
  Serve(floor, "first", 10s);
  floor.Pass(1s);
  floor.Ready("1002");
  floor.Ring("same hour");
  CHECK(floor.AgentOf("same hour") == "1002");
  floor.HangUp("same hour");
  floor.Pass(3600s);
  floor.Ring("next hour");
  CHECK(floor.AgentOf("next hour") == "1001");
  floor.HangUp("next hour");
  floor.Queue("business", {}, [](pb::Queue& queue) {
    queue.set_strategy(Strategy::WEIGHTED);
    queue.mutable_weights()->set_recent_load(1);
  });
  floor.Ring("load");
  CHECK(floor.AgentOf("load") == "1002");
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("each ring of the bullseye asks less, the last for good; place and age stay") {
  Floor floor = FloorWith(
      [](pb::Queue& queue) {
        for (const char* dropped : {"", "cantonese", "complaint"}) {
          auto& ring = *queue.add_rings();
          *ring.mutable_stay() = ToProto(Duration{20s});
          if (*dropped != '\0') ring.add_drop_skills(std::string("skills/") + dropped);
        }
      },
      {{"complaint", 5}, {"cantonese", 5}});
  floor.Agent("1001", "all");
  floor.Agent("1002", "all", {{"complaint", 7}});
  floor.Ready("1001");
  floor.Ready("1002");
  floor.Ring("li");
  floor.Pass(5s);
  floor.Ring("wang");
  CHECK(floor.AgentOf("li").empty());
  floor.Pass(16s);
  CHECK(floor.AgentOf("li") == "1002");
  CHECK(floor.See("wang").position() == 1);
  const auto& decisions = floor.LastRecord("li").decisions();
  CHECK(decisions[1].kind() == pb::Decision::RING_ENTERED);
  CHECK(decisions[1].ring() == 2);
  floor.Reject("li");
  CHECK(floor.See("li").queue_time().seconds() == (floor.now() - 21s).time_since_epoch() / 1s);
  floor.Pass(20s);
  CHECK(floor.AgentOf("li") == "1001");  // the last ring asks nothing
  floor.Pass(300s);
  CHECK(floor.LastRecord("wang").rings() == 2);
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("criteria steps hold one after another, each for its stay, and then any agent of the queue may") {
  Floor floor = FloorWith({});
  floor.Agent("1001", "all", {{"complaint", 9}});
  floor.Agent("1002", "all", {{"complaint", 4}, {"cantonese", 4}});
  floor.Agent("1003", "all");
  for (const char* agent : {"1001", "1002", "1003"}) {
    floor.Ready(agent);
    floor.Status(agent, pb::NOT_READY, "REST");
  }
  Call call;
  call.more = [](pb::Interaction& in) {
    auto& named = *in.add_criteria();
    named.add_agents("agents/" + Id("1001"));
    *named.mutable_stay() = ToProto(Duration{10s});
    auto& able = *in.add_criteria();  // complaint 5, or complaint 3 with cantonese 3
    auto& one = *able.add_any_of()->add_all_of();
    one.set_skill("skills/complaint");
    one.set_min_level(5);
    auto& both = *able.add_any_of();
    for (const char* skill : {"complaint", "cantonese"}) {
      auto& need = *both.add_all_of();
      need.set_skill(std::string("skills/") + skill);
      need.set_min_level(3);
    }
    *able.mutable_stay() = ToProto(Duration{10s});
  };
  for (const char* name : {"a", "b", "c"}) floor.Ring(name, call);
  floor.Status("1002", pb::READY);
  floor.Status("1003", pb::READY);
  CHECK(floor.StateOf("1002") == pb::AgentSession::READY);  // not named
  floor.Pass(11s);
  CHECK(floor.AgentOf("a") == "1002");
  CHECK(floor.LastRecord("a").decisions(floor.LastRecord("a").decisions_size() - 1).criteria_step() == 2);
  CHECK(floor.StateOf("1003") == pb::AgentSession::READY);
  floor.Pass(10s);
  CHECK(floor.AgentOf("b") == "1003");
  CHECK(floor.LastRecord("b").decisions(floor.LastRecord("b").decisions_size() - 1).criteria_step() == 0);
  CHECK(floor.RebuildsAndReplays());
  Call wrong;
  wrong.more = [](pb::Interaction& in) { in.add_criteria(); };
  CHECK(Answer(floor.Ring("wrong", wrong)) == "CRITERIA_EMPTY");
}

TEST_CASE("who must not be paired is not: by the agent's list and by the work's") {
  Floor floor = FloorWith({});
  floor.Agent("1001", "all", {}, 0, [](pb::Agent& agent) { agent.add_not_with("customers/" + Id("zhao")); });
  floor.Agent("1002", "all");
  floor.Ready("1001");
  floor.Ready("1002");
  Call call;
  call.last_agent = "1001";
  call.more = [](pb::Interaction& in) {
    in.set_customer("customers/" + Id("zhao"));
    in.add_excluded_agents("agents/" + Id("1002"));
  };
  floor.Ring("zhao", call);
  CHECK(floor.AgentOf("zhao").empty());
  CHECK(floor.LastRecord("zhao").decisions(0).do_not_pair() == 2);
  CHECK(floor.LastRecord("zhao").decisions(0).candidates() == 0);
  floor.Ring("li");
  CHECK_FALSE(floor.AgentOf("li").empty());
  CHECK(floor.RebuildsAndReplays());
}

TEST_CASE("the work's own patience for its last agent goes before the queue's, and the queue may have none") {
  Floor floor = FloorWith({});
  floor.Agent("1001", "all");
  floor.Ready("1001");
  floor.Ring("first");
  floor.Accept("first");
  Call call;
  call.last_agent = "1001";
  call.more = [](pb::Interaction& in) { *in.mutable_agent_patience() = ToProto(Duration{90s}); };
  floor.Ring("wang", call);
  CHECK(floor.LastRecord("wang").hold_deadline() == (floor.now() + 90s).time_since_epoch().count());
  floor.Queue("business", {}, [](pb::Queue& queue) { queue.set_no_last_agent(true); });
  floor.Ring("zhang", call);
  CHECK(floor.LastRecord("zhang").hold_deadline() == 0);
}

TEST_CASE("A5 a queue takes work in its hours, a holiday and a working Saturday included") {
  // The floor's clock stands at Monday 2 March 2026, 09:00 UTC = 17:00 in Shanghai.
  const auto rules = [](const char* date, bool open) {
    return [=](pb::Queue& queue) {
      auto& hours = *queue.mutable_hours();
      for (int day = 1; day <= 5; ++day) {
        auto& weekly = *hours.add_weekly();
        weekly.set_weekday(day);
        auto& span = *weekly.add_open();
        span.set_from("08:00");
        span.set_to("18:00");
      }
      auto& exception = *hours.add_exceptions();
      exception.set_date(date);
      if (open) {
        exception.add_open()->set_from("09:00");
        exception.mutable_open(0)->set_to("12:00");
      }
    };
  };
  Floor floor = FloorWith(rules("2026-03-07", true));
  CHECK(!floor.Ring("five to six").error);
  floor.Pass(3600s);
  const auto late = floor.Ring("after hours");
  REQUIRE(late.error);
  CHECK(late.error->reason == "QUEUE_CLOSED");
  CHECK(late.error->metadata.at("opens") == "2026-03-03T00:00:00.000000Z");
  CHECK(floor.See("five to six").state() == pb::Interaction::QUEUED);
  floor.Pass(4 * 24h + 16h);  // Saturday 10:00
  CHECK(!floor.Ring("working saturday").error);
  floor.Queue("business", {}, rules("2026-03-07", false));
  CHECK(Answer(floor.Ring("holiday")) == "QUEUE_CLOSED");
  CHECK(floor.RebuildsAndReplays());
  const auto wrong = floor.Queue(
      "business", {}, [](pb::Queue& queue) { queue.mutable_hours()->set_time_zone("Nowhere/Land"); });
  CHECK(Answer(wrong) == "TIME_ZONE_UNKNOWN");
  CHECK(Answer(floor.Queue("business", {}, [](pb::Queue& queue) { queue.mutable_hours(); })) ==
        "CALENDAR_NEVER_OPEN");
}

TEST_CASE("pools of work that is gone are forgotten, and it makes no difference") {
  Floor floor = FloorWith({});
  floor.Agent("1001", "all");
  for (int i = 0; i < 1500; ++i) {
    const auto name = "call " + std::to_string(i);
    Call call;
    call.more = [&](pb::Interaction& in) { in.add_criteria()->add_agents("agents/" + Id(name)); };
    floor.Ring(name, call);
    if (i % 3 != 0) floor.HangUp(name);
  }
  floor.Ready("1001");
  floor.Ring("plain");
  CHECK(floor.AgentOf("plain") == "1001");
  CHECK(floor.RebuildsAndReplays());
}
