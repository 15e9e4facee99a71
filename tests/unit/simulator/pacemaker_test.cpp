#include "simulator/domain/pacemaker.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "simulator/domain/agenda.hpp"

namespace carillon::simulator {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10} + 9h;
const PaceRules kRules{600, 3600, 20, 100, 200ms, 10s};

Load At(std::optional<TimePoint> open, std::optional<TimePoint> next, bool quiet, bool down) {
  Load load;
  load.now = kNow;
  load.oldest_open = open;
  load.next_due = next;
  load.quiet = quiet;
  load.part_down = down;
  return load;
}

TEST_CASE("the clock is fast only while nothing waits for anybody", "[simulator][pace]") {
  SECTION("nothing under way: fast, up to the next piece of work") {
    CHECK(Paced(At({}, kNow + 30s, false, false), kRules) == Pace{600, kNow + 30s});
    CHECK(Paced(At({}, {}, false, false), kRules) == Pace{600, TimePoint::max()});
  }
  SECTION("nobody at work: faster, and slow all the same while work is under way") {
    CHECK(Paced(At({}, kNow + 30s, true, false), kRules) == Pace{3600, kNow + 30s});
    CHECK(Paced(At(kNow, kNow + 30s, true, false), kRules) == Pace{20, kNow + 200ms});
  }
  SECTION("work due now: it stands") { CHECK(Paced(At({}, kNow, false, false), kRules).rate == 0); }
  SECTION("work under way: slow, and never past the slack") {
    CHECK(Paced(At(kNow, kNow + 30s, false, false), kRules) == Pace{20, kNow + 200ms});
    CHECK(Paced(At(kNow - 100ms, kNow + 50ms, false, false), kRules) == Pace{20, kNow + 50ms});
  }
  SECTION("work late by the slack: it stands") {
    CHECK(Paced(At(kNow - 200ms, kNow + 30s, false, false), kRules).rate == 0);
  }
  SECTION("a part is down: it stands, whatever else") {
    CHECK(Paced(At({}, kNow + 30s, false, true), kRules).rate == 0);
  }
}

TEST_CASE("the clock lets dialers follow and waits for a call that was promised", "[simulator][pace]") {
  auto load = At({}, kNow + 5min, false, false);
  load.dialling = true;
  CHECK(Paced(load, kRules) == Pace{100, kNow + 5min});
  load.promised = kNow - 3s;
  CHECK(Paced(load, kRules) == Pace{20, kNow + 7s});
  load.promised = kNow - 10s;
  CHECK(Paced(load, kRules).rate == 0);
  load.promised = kNow;
  load.oldest_open = kNow;
  CHECK(Paced(load, kRules) == Pace{20, kNow + 200ms});
}

TEST_CASE("lag is from due to done, in business time", "[simulator][pace]") {
  Punctuality punctuality;
  CHECK(punctuality.Lags().max_s == 0);
  CHECK_FALSE(punctuality.OldestOpen());
  for (int i = 0; i < 100; ++i) {
    const auto ticket = punctuality.Begin(kNow);
    CHECK(punctuality.Done(ticket, kNow + i * 10ms));
  }
  const auto early = punctuality.Begin(kNow + 1s);
  const auto late = punctuality.Begin(kNow);
  CHECK(punctuality.OldestOpen() == kNow);
  CHECK(punctuality.Done(late, kNow + 5s));
  CHECK_FALSE(punctuality.Done(late, kNow + 5s));
  CHECK(punctuality.OldestOpen() == kNow + 1s);
  CHECK(punctuality.Done(early, kNow));  // done before it was due is not late
  CHECK(punctuality.open() == 0);
  const auto lags = punctuality.Lags();
  CHECK(lags.max_s == Approx(5));
  CHECK(lags.p50_s == Approx(0.5).margin(0.02));
  CHECK(lags.p99_s == Approx(0.99).margin(0.02));
}

TEST_CASE("the agenda gives work by due time and, for equal times, in order", "[simulator][pace]") {
  Agenda<std::string> agenda;
  agenda.Put(kNow + 2s, "c");
  agenda.Put(kNow + 1s, "a");
  agenda.Put(kNow + 1s, "b");
  CHECK(agenda.NextDue() == kNow + 1s);
  CHECK_FALSE(agenda.TakeDue(kNow));
  CHECK(agenda.TakeDue(kNow + 1s)->second == "a");
  CHECK(agenda.TakeDue(kNow + 1s)->second == "b");
  CHECK_FALSE(agenda.TakeDue(kNow + 1s));
  CHECK(agenda.TakeDue(kNow + 3s)->first == kNow + 2s);
  CHECK(agenda.empty());
}

}  // namespace
}  // namespace carillon::simulator
