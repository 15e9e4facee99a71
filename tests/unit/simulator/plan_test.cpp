#include "simulator/domain/plan.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "simulator/files/lines.hpp"
#include "simulator/files/profile_file.hpp"

namespace carillon::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

LoggedCall Logged(LoggedOutcome outcome, int entry_s, int vru_s, int wait_s, int service_s) {
  LoggedCall call;
  call.line = "AA0101";
  call.id = std::to_string(entry_s);
  call.type = "PS";
  call.outcome = outcome;
  call.entry = seconds{entry_s};
  call.vru = seconds{vru_s};
  call.queued = wait_s > 0;
  call.wait = seconds{wait_s};
  call.service = seconds{service_s};
  call.service_start = seconds{entry_s + vru_s + wait_s};
  if (outcome == LoggedOutcome::kAgent) call.server = "ANNA";
  return call;
}

TEST_CASE("a replay keeps arrivals, service times and the patience of those who hung up",
          "[simulator][plan]") {
  const auto callers = MakeCallers(50, Random(1));
  std::vector<LoggedCall> day = {
      Logged(LoggedOutcome::kAgent, 30000, 6, 40, 120), Logged(LoggedOutcome::kHang, 30060, 6, 25, 0),
      Logged(LoggedOutcome::kHang, 30120, 12, 0, 0),    Logged(LoggedOutcome::kHang, 30180, 60, 0, 0),
      Logged(LoggedOutcome::kPhantom, 30240, 6, 3, 0),
  };
  day[0].customer = "4711";
  day[1].customer = "4711";
  const auto plan = Replayed(day, {}, callers, Random(2));
  REQUIRE(plan.calls.size() == 5);
  CHECK(plan.calls[0].manner == Manner::kAsksForAgent);
  CHECK(plan.calls[0].talk_s == 120);
  CHECK(plan.calls[0].patience_s >= 40);
  CHECK(plan.calls[0].caller == plan.calls[1].caller);
  CHECK(plan.calls[0].number == callers[static_cast<std::size_t>(plan.calls[0].caller)].mobile);
  CHECK(plan.calls[1].patience_s == 25);
  CHECK(plan.calls[2].manner == Manner::kLeavesMenu);
  CHECK(plan.calls[3].manner == Manner::kServesHimself);
  CHECK(plan.calls[3].caller >= 0);
  CHECK(plan.calls[4].manner == Manner::kPhantom);
  REQUIRE(plan.shifts.size() == 1);
  CHECK(plan.shifts[0].in < seconds{30046});
  CHECK(plan.shifts[0].out > seconds{30166});
  REQUIRE(plan.agents.size() == 1);
  const std::set<std::string> types(plan.agents[0].types.begin(), plan.agents[0].types.end());
  CHECK(types == std::set<std::string>{"PS", "NW", "TT", "PE", "NE", "IN"});
}

TEST_CASE("two calls of one name in the log are two calls of the plan", "[simulator][plan]") {
  const auto call = Logged(LoggedOutcome::kAgent, 30000, 6, 0, 60);
  const auto plan = Replayed({call, call}, {}, {}, Random(2));
  REQUIRE(plan.calls.size() == 2);
  CHECK(plan.calls[0].id != plan.calls[1].id);
}

TEST_CASE("the profile in the repository draws an ordinary day of the bank", "[simulator][plan]") {
  const auto text = ReadText("deploy/local/profiles/bank-day.json");
  REQUIRE(text);
  const auto profile = ProfileOfJson(*text);
  REQUIRE(profile);
  CHECK(ToJson(*profile) == *text);
  const auto callers = MakeCallers(100, Random(1));
  const auto day = Drawn(*profile, callers, Random(42));
  CHECK(static_cast<double>(day.calls.size()) == Approx(profile->calls_per_day).epsilon(0.1));
  const auto again = Drawn(*profile, callers, Random(42));
  CHECK(again.calls.size() == day.calls.size());
  CHECK(again.calls.back().talk_s == day.calls.back().talk_s);
  CHECK(Drawn(*profile, callers, Random(43)).calls.size() != day.calls.size());
  CHECK(day.agents.size() >= 8);
  std::set<std::string> ids;
  double talk = 0;
  int answered = 0;
  int self_served = 0;
  for (const auto& call : day.calls) {
    ids.insert(call.id);
    if (call.manner == Manner::kAsksForAgent) {
      talk += call.talk_s;
      ++answered;
    }
    if (call.manner == Manner::kServesHimself) {
      ++self_served;
      CHECK(call.caller >= 0);
    }
  }
  CHECK(ids.size() == day.calls.size());
  CHECK(talk / answered > 120);
  CHECK(talk / answered < 260);
  CHECK(self_served > 0);

  SECTION("an hour of it with as many calls as asked for") {
    const auto hour = Drawn(*profile, callers, Random(1), {hours{10}, hours{11}}, 60);
    CHECK(hour.calls.size() > 35);
    CHECK(hour.calls.size() < 90);
    for (const auto& call : hour.calls) {
      CHECK(call.arrival >= hours{10});
      CHECK(call.arrival < hours{11});
    }
    for (const auto& shift : hour.shifts) CHECK(shift.in >= hours{10});
    CHECK_FALSE(hour.shifts.empty());
  }
}

TEST_CASE("a profile that does not read says so", "[simulator][plan]") {
  CHECK(ProfileOfJson("{}").error().reason == "PROFILE_MALFORMED");
  CHECK(ProfileOfJson("x").error().reason == "PROFILE_MALFORMED");
}

}  // namespace
}  // namespace carillon::simulator
