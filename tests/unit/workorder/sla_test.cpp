#include <catch2/catch.hpp>
#include <random>

#include "fixtures.hpp"

namespace carillon::workorder::testing {
namespace {

using namespace std::chrono_literals;

/// The slow and obvious way: a tick is a minute, counted when the office is open.
struct MinuteCount {
  const calendar::WorkingCalendar& office;
  Duration elapsed{};
  bool running = true;
  void Live(TimePoint from, TimePoint to) {
    for (TimePoint at = from; at < to; at += 1min) {
      if (running && office.IsOpen(at)) elapsed += 1min;
    }
  }
  TimePoint Due(TimePoint now, Duration target) const {
    Duration left = target - elapsed;
    TimePoint at = now;
    while (left > Duration::zero()) {
      if (office.IsOpen(at)) left -= 1min;
      at += 1min;
    }
    return at;
  }
};

TEST_CASE("a clock that is paused, resumed and given other targets equals a count of minutes",
          "[workorder][sla]") {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  INFO("seed " << seed);
  const auto hours = ShanghaiHours();
  const auto minutes = [&](int most) {
    return std::chrono::minutes{std::uniform_int_distribution<int>(0, most)(random)};
  };
  int dues = 0;
  for (int round = 0; round < 120; ++round) {
    const auto calendar = round % 2 == 0 ? pb::SlaClock::OFFICE_HOURS : pb::SlaClock::ROUND_THE_CLOCK;
    TimePoint now = Noonish() + minutes(14 * 24 * 60);
    Duration target = 30min + minutes(40 * 60);
    auto clock = domain::StartedClock(pb::SlaClock::HANDLE, target, calendar, now, hours);
    MinuteCount count{hours.Of(calendar)};
    bool late = false;
    for (int step = 0; step < 12; ++step) {
      const TimePoint next = now + minutes(12 * 60);
      if (count.running && next > count.Due(now, target)) late = true;
      count.Live(now, next);
      now = next;
      switch (random() % 4) {
        case 0:
          domain::Advance(clock, now, hours);
          break;
        case 1:
          domain::Pause(clock, now, hours);
          count.running = false;
          break;
        case 2:
          domain::Run(clock, now, hours);
          domain::Advance(clock, now, hours);
          count.running = true;
          break;
        default:
          target = 30min + minutes(60 * 60);
          domain::Retarget(clock, target, now, hours);
      }
      REQUIRE((clock.state() == pb::SlaClock::RUNNING) == count.running);
      if (count.running) domain::Advance(clock, now, hours);
      REQUIRE(FromProto(clock.elapsed()) == count.elapsed);
      REQUIRE(clock.breached() == late);
      // Once a target is passed the due time of that moment stands.
      if (count.running && count.elapsed < target) {
        REQUIRE(hours.Of(calendar).Elapsed(now, FromProto(clock.due_time())) == target - count.elapsed);
        REQUIRE(FromProto(clock.due_time()) == count.Due(now, target));
        ++dues;
      }
    }
  }
  CHECK(dues > 200);
}

TEST_CASE("due on Friday at closing time is late on Monday morning", "[workorder][sla]") {
  const auto hours = ShanghaiHours();
  // Friday 2026-04-03, 17:00 in Shanghai.
  const TimePoint friday{std::chrono::sys_days{std::chrono::year{2026} / 4 / 3} + 9h};
  auto clock = domain::StartedClock(pb::SlaClock::HANDLE, 1h, pb::SlaClock::OFFICE_HOURS, friday, hours);
  CHECK(FromProto(clock.due_time()) == friday + 1h);
  domain::Advance(clock, friday + 1h, hours);
  CHECK_FALSE(clock.breached());
  domain::Advance(clock, friday + 64h, hours);
  CHECK(FromProto(clock.elapsed()) == 1h);
  CHECK(clock.breached());
}

TEST_CASE("the office is closed on holidays", "[workorder][sla]") {
  const auto hours = ShanghaiHours();
  const TimePoint before{std::chrono::sys_days{std::chrono::year{2026} / 9 / 30} + 9h};  // Wednesday 17:00
  auto clock = domain::StartedClock(pb::SlaClock::HANDLE, 2h, pb::SlaClock::OFFICE_HOURS, before, hours);
  // Thursday is the holiday: Friday 10:00.
  CHECK(FromProto(clock.due_time()) == before + 41h);
}

TEST_CASE("office hours that nobody can read are refused", "[workorder][sla]") {
  const auto zone = calendar::TimeZone::Load("Asia/Shanghai").value();
  CHECK(domain::Hours::Parse(zone, "1-5 09:00-12:00, 1-5 13:00-18:00, 6 09:00-12:00", "").has_value());
  for (const auto* text : {"monday 09:00-18:00", "1-9 09:00-18:00", "1-5 09:00", "5-1 09:00-18:00", "1-5"}) {
    INFO(text);
    CHECK(domain::Hours::Parse(zone, text, "").error().reason == "OFFICE_HOURS_MALFORMED");
  }
  CHECK_FALSE(domain::Hours::Parse(zone, "", "").has_value());
  CHECK_FALSE(domain::Hours::Parse(zone, "1-5 09:00-18:00", "2026-02-30").has_value());
}

TEST_CASE("a tenant's own promise for a priority comes before its promise for the type", "[workorder][sla]") {
  using Order = pb::WorkOrder;
  pb::SlaPolicy type;
  type.set_type(Order::FAULT);
  type.set_handle_minutes(100);
  pb::SlaPolicy priority = type;
  priority.set_priority(Order::P1);
  priority.set_handle_minutes(10);
  CHECK(domain::PolicyOf({type, priority}, Order::FAULT, Order::P1).handle_minutes() == 10);
  CHECK(domain::PolicyOf({type, priority}, Order::FAULT, Order::P3).handle_minutes() == 100);
  CHECK(domain::PolicyOf({}, Order::FAULT, Order::P1).handle_minutes() == 240);
  CHECK(domain::PolicyOf({}, Order::FAULT, Order::P1).accept_minutes() == 15);
  CHECK(domain::PolicyOf({}, Order::COMPLAINT, Order::P2).handle_minutes() == 72 * 60);
  CHECK(domain::PolicyOf({}, Order::PRAISE, Order::P3).handle_minutes() == 24 * 60);
}

}  // namespace
}  // namespace carillon::workorder::testing
