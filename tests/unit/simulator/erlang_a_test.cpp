#include "simulator/domain/erlang_a.hpp"

#include <catch2/catch.hpp>

namespace carillon::simulator {
namespace {

/// `calls` an hour all day long for `agents` who are always there.
DayPlan Steady(int calls, int agents, double service_s, double patience_s) {
  DayPlan plan;
  for (int n = 0; n < calls * 24; ++n) {
    PlannedCall call;
    call.type = "PS";
    call.arrival =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>((n + 0.5) * 3600 / calls));
    call.ring_s = call.wrap_s = 0;
    call.talk_s = service_s;
    call.patience_s = patience_s;
    plan.calls.push_back(call);
  }
  for (int n = 0; n < agents; ++n) {
    const auto login = "a" + std::to_string(n);
    plan.agents.push_back({login, {"PS"}});
    plan.shifts.push_back({login, seconds{0}, std::chrono::hours{24}});
  }
  return plan;
}

TEST_CASE("simulated days are those of the textbook", "[simulator][erlang]") {
  // Erlang A of pyworkforce's tests (MIT): 100 calls in 30 min, 3 min each, patience 5 min, 14 agents: 1.3984
  // % give up, 91.68 % are answered within 20 s. Of Callcenter-Simulator's (Apache-2.0): 3.5 a minute, 13
  // agents: 9.91 s on average.
  const auto first = SimulatedErlangA(Steady(200, 14, 180, 300), 400, Random(1));
  CHECK(first.offered.middle == Approx(4800).epsilon(0.01));
  CHECK(first.abandoned.middle == Approx(0.013984).margin(0.001));
  CHECK(first.in_20_s.middle == Approx(0.916792).margin(0.005));
  const auto second = SimulatedErlangA(Steady(210, 13, 180, 300), 400, Random(2));
  CHECK(second.abandoned.middle == Approx(9.91 / 300).margin(0.001));  // they give up at a constant rate
  CHECK(second.wait_s.low < second.wait_s.middle);
  CHECK(second.wait_s.middle < second.wait_s.high);
  // Erlang B is Erlang A with nobody waiting: one call's load on one line, half are lost.
  const auto none = SimulatedErlangA(Steady(20, 1, 180, 1e-6), 400, Random(3));
  CHECK(none.abandoned.middle == Approx(0.5).margin(0.02));
}

TEST_CASE("who cannot serve a type does not, and nobody serves after the shift", "[simulator][erlang]") {
  auto plan = Steady(60, 2, 60, 120);
  plan.agents[0].types = {"NW"};
  const auto one = SimulatedErlangA(plan, 200, Random(4));
  const auto alone = SimulatedErlangA(Steady(60, 1, 60, 120), 200, Random(4));
  CHECK(one.abandoned.middle == Approx(alone.abandoned.middle).margin(0.01));
  plan.shifts[1].out = std::chrono::hours{12};
  CHECK(SimulatedErlangA(plan, 200, Random(4)).answered.middle ==
        Approx(alone.answered.middle / 2).epsilon(0.03));
}

TEST_CASE("the busiest hour is that in which most ask for an agent", "[simulator][plan]") {
  auto plan = Steady(4, 1, 60, 60);
  CHECK(BusiestHour(plan).from == seconds{0});
  for (int n = 0; n < 3; ++n) plan.calls.push_back(plan.calls[46]);  // 11:37
  for (int n = 0; n < 9; ++n) {
    plan.calls.push_back(plan.calls[80]);
    plan.calls.back().manner = Manner::kPhantom;
  }
  const auto hour = BusiestHour(plan);
  CHECK(hour.from == std::chrono::hours{11});
  CHECK(hour.to == std::chrono::hours{12});
}

}  // namespace
}  // namespace carillon::simulator
