#include "simulator/domain/outbound.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "simulator/files/lines.hpp"
#include "simulator/files/profile_file.hpp"

namespace carillon::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// Four agents from 9 to 12, all of them talking from 10 to 11.
DayPlan BusyAtTen() {
  DayPlan plan;
  for (int i = 0; i < 4; ++i) {
    plan.shifts.push_back({"agent" + std::to_string(i), hours{8}, hours{12}});
    PlannedCall call;
    call.arrival = hours{10};
    call.menu_s = 0;
    call.talk_s = 3600;
    plan.calls.push_back(call);
  }
  return plan;
}

TEST_CASE("the bank dials when its agents have time", "[simulator][outbound]") {
  const auto plan = BusyAtTen();
  const auto windows = QuietWindows(plan, {hours{0}, hours{24}}, minutes{45}, 2);
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].from == hours{9});
  CHECK(windows[0].to == hours{9} + minutes{45});
  CHECK(windows[1].from >= hours{11});
  CHECK(windows[1].to <= hours{12});
  CHECK(windows[1].from - windows[0].to >= hours{1});

  SECTION("a short part of a day has one window, after the agents have come") {
    const auto hour = QuietWindows(plan, {hours{11}, hours{12}}, minutes{60}, 2);
    REQUIRE(hour.size() == 1);
    CHECK(hour[0].from == hours{11} + minutes{10});
    CHECK(hour[0].to == hours{12});
  }
  SECTION("never before 9:00 nor after 20:00, and not without agents") {
    CHECK(QuietWindows(plan, {hours{20}, hours{22}}, minutes{30}, 1).empty());
    CHECK(QuietWindows({}, {hours{9}, hours{12}}, minutes{30}, 1).empty());
  }
  SECTION("a day of the bank has two") {
    const auto profile = ProfileOfJson(*ReadText("deploy/local/profiles/bank-day.json"));
    REQUIRE(profile);
    const auto day = Drawn(*profile, MakeCallers(50, Random(1)), Random(1));
    const auto quiet = QuietWindows(day, {}, minutes{60}, 2);
    REQUIRE(quiet.size() == 2);
    for (const auto& window : quiet) {
      CHECK(window.from >= hours{9});
      CHECK(window.to <= hours{20});
      CHECK(window.to - window.from == minutes{60});
    }
  }
}

TEST_CASE("customers answer the telephone as the bank's customers did", "[simulator][outbound]") {
  const Random random(7);
  std::map<LineResult, int> lines;
  std::map<std::string, int> said;
  double talk_sold = 0;
  int spoken = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto number = "+86138" + std::to_string(10'000'000 + i);
    const auto rung = Rung(random, number, 1, false);
    ++lines[rung.line];
    CHECK(rung.rings_s >= 0);
    if (rung.line != LineResult::kAnswered) {
      CHECK(rung.disposition.empty());
      continue;
    }
    ++spoken;
    ++said[rung.disposition];
    CHECK(rung.call.has_order == (rung.disposition == "SOLD"));
    CHECK(rung.call.talk_s >= 5);
    if (rung.disposition == "SOLD") talk_sold += rung.call.talk_s;
  }
  CHECK(lines.size() == 6);
  CHECK(said.size() == 9);
  CHECK(static_cast<double>(said["SOLD"]) / spoken == Approx(0.117).margin(0.01));
  // Talks are cut at twenty minutes, so a little under the file's 537 s.
  CHECK(talk_sold / said["SOLD"] == Approx(510).margin(30));
  // One contact in 2.76 settled the matter.
  CHECK(static_cast<double>(spoken - said["CALLBACK_BOOKED"]) / 20000 == Approx(0.39).margin(0.04));
}

TEST_CASE("a ring is drawn once and for all", "[simulator][outbound]") {
  const Random random(7);
  int invalid = 0;
  int promised_and_there = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto number = "+86139" + std::to_string(10'000'000 + i);
    const auto first = Rung(random, number, 1, false);
    const auto again = Rung(random, number, 1, false);
    CHECK(first.line == again.line);
    CHECK(first.disposition == again.disposition);
    CHECK(first.call.talk_s == again.call.talk_s);
    const auto second = Rung(random, number, 2, true);
    CHECK((first.line == LineResult::kInvalidNumber) == (second.line == LineResult::kInvalidNumber));
    invalid += first.line == LineResult::kInvalidNumber ? 1 : 0;
    promised_and_there += second.line == LineResult::kAnswered ? 1 : 0;
    CHECK(second.disposition != "CALLBACK_BOOKED");
  }
  CHECK(invalid > 10);
  CHECK(promised_and_there > 850);
}

TEST_CASE("waves are even, companies too", "[simulator][outbound]") {
  CHECK(WaveCount(200) == 4);
  CHECK(WaveCount(2000) == 13);
  std::map<int, int> all;
  std::map<int, int> companies;
  for (std::size_t i = 0; i < 2000; ++i) {
    ++all[WaveOf(i, 2000)];
    companies[WaveOf(i, 2000)] += i % 20 == 19 ? 1 : 0;
  }
  REQUIRE(all.size() == 13);
  for (const auto& [wave, count] : all) CHECK(std::abs(count - 154) < 8);
  for (const auto& [wave, count] : companies) CHECK(count >= 6);
}

TEST_CASE("a callback is promised for a minute in which it can be made", "[simulator][outbound]") {
  const std::vector<Window> windows = {{hours{10}, hours{11}}, {hours{14}, hours{15}}};
  CHECK(CallAgainAt(windows, hours{10} + seconds{61}, 600) == hours{10} + minutes{12});
  // Too late for the first window: the second has room.
  CHECK(CallAgainAt(windows, hours{10} + minutes{45}, 900) == hours{14} + minutes{15});
  CHECK_FALSE(CallAgainAt(windows, hours{14} + minutes{46}, 600));
  CHECK(CallAgainAt(windows, hours{14}, 0) == hours{14} + minutes{5});
}

}  // namespace
}  // namespace carillon::simulator
