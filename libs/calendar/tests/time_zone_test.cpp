#include "calendar/time_zone.hpp"

#include <catch2/catch.hpp>

namespace carillon::calendar {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TimePoint Utc(int y, unsigned m, unsigned d, std::chrono::seconds of_day = 0s) {
  return TimePoint{sys_days{std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d}}} + of_day;
}

TEST_CASE("Shanghai is eight hours ahead, and was nine in the summer of 1988", "[calendar][zone]") {
  const auto zone = TimeZone::Load("Asia/Shanghai").value();
  CHECK(zone.ToLocal(Utc(1999, 2, 9, 16h)) == LocalTime{std::chrono::year{1999} / 2 / 10, 0us});
  CHECK(zone.OffsetAt(Utc(1988, 7, 1)) == 9h);
  CHECK(zone.OffsetAt(Utc(2026, 7, 1)) == 8h);
  CHECK(zone.ToUtc(std::chrono::year{2026} / 11 / 22, 9h) == Utc(2026, 11, 22, 1h));
}

TEST_CASE("an hour that is skipped is the moment of the change, one that is repeated its first showing",
          "[calendar][zone]") {
  const auto zone = TimeZone::Load("Europe/Berlin").value();
  CHECK(zone.ToUtc(std::chrono::year{2024} / 3 / 31, 2h + 30min) == Utc(2024, 3, 31, 1h));
  CHECK(zone.ToUtc(std::chrono::year{2024} / 3 / 31, 3h) == Utc(2024, 3, 31, 1h));
  CHECK(zone.ToUtc(std::chrono::year{2024} / 10 / 27, 2h + 30min) == Utc(2024, 10, 27, 30min));
  CHECK(zone.ToLocal(Utc(2024, 10, 27, 90min)) == zone.ToLocal(Utc(2024, 10, 27, 30min)));
}

TEST_CASE("every local hour of three years comes back from UTC", "[calendar][zone]") {
  for (const auto* name : {"Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
                           "America/St_Johns", "Pacific/Apia", "UTC", "America/Sao_Paulo"}) {
    const auto zone = TimeZone::Load(name).value();
    int wrong = 0;
    for (auto at = Utc(2010, 1, 1); at < Utc(2013, 1, 1); at += 37min) {
      const auto local = zone.ToLocal(at);
      const auto back = zone.ToUtc(local.date, local.time_of_day);
      // A repeated time gives its first showing, at most two hours before; no other time may move.
      wrong += back == at || (back < at && at - back <= 2h && zone.ToLocal(back) == local) ? 0 : 1;
    }
    INFO(name);
    CHECK(wrong == 0);
  }
}

TEST_CASE("a zone that does not exist is refused by name", "[calendar][zone]") {
  for (const auto* bad : {"", "Mars/Olympus", "asia/shanghaii", "GMT+25:99"}) {
    const auto zone = TimeZone::Load(bad);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().reason == "TIME_ZONE_UNKNOWN");
  }
}

TEST_CASE("dates and times of day are read strictly", "[calendar][zone]") {
  CHECK(ParseDate("2024-02-29").value() == std::chrono::year{2024} / 2 / 29);
  CHECK(FormatDate(std::chrono::year{1999} / 2 / 9) == "1999-02-09");
  for (const auto* bad :
       {"2023-02-29", "2024-2-29", "2024/02/29", "2024-13-01", "", "2024-02-2x", "-024-02-20"})
    CHECK_FALSE(ParseDate(bad));
  CHECK(ParseTimeOfDay("08:30").value() == 8h + 30min);
  CHECK(ParseTimeOfDay("24:00").value() == 24h);
  for (const auto* bad : {"24:01", "8:30", "08:60", "0830", "+8:30", ""}) CHECK_FALSE(ParseTimeOfDay(bad));
}

}  // namespace
}  // namespace carillon::calendar
