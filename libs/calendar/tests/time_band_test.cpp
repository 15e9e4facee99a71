#include "calendar/time_band.hpp"

#include <catch2/catch.hpp>

namespace carillon::calendar {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a band over midnight belongs to the day on which it begins", "[calendar][band]") {
  const auto zone = TimeZone::Load("Asia/Shanghai").value();
  const auto bands =
      TimeBands::Make(zone, {{"weekend night", std::bitset<7>("1000000"), 22h, 6h},  // Saturday
                             {"day", {}, 8h, 20h},
                             {"night", {}, 20h, 8h}})
          .value();
  const auto local = [&](unsigned day, std::chrono::minutes at) {
    return zone.ToUtc(std::chrono::year{2026} / 11 / std::chrono::day{day}, at);
  };
  CHECK(bands.Match(local(20, 8h)) == "day");
  CHECK(bands.Match(local(20, 20h)) == "night");
  CHECK(bands.Match(local(21, 21h + 59min)) == "night");         // Saturday, before the band
  CHECK(bands.Match(local(21, 22h)) == "weekend night");         // Saturday night
  CHECK(bands.Match(local(22, 5h + 59min)) == "weekend night");  // Sunday morning
  CHECK(bands.Match(local(22, 6h)) == "night");
  CHECK(bands.Match(local(22, 22h)) == "night");  // Sunday night
  CHECK(bands.Lies(local(21, 23h), "night"));
  CHECK_FALSE(bands.Lies(local(21, 23h), "day"));
}

TEST_CASE("a time in no band has no name, and a band without a name is refused", "[calendar][band]") {
  const auto zone = TimeZone::Load("UTC").value();
  const auto bands = TimeBands::Make(zone, {{"work", std::bitset<7>("0111110"), 9h, 18h}}).value();
  CHECK(bands.Match(std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 10h).empty());  // Sunday
  CHECK(bands.Match(std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 10h) == "work");
  CHECK_FALSE(TimeBands::Make(zone, {{"", {}, 1h, 2h}}));
  CHECK_FALSE(TimeBands::Make(zone, {{"late", {}, 23h, 25h}}));
}

TEST_CASE("a band whose end is its beginning is the whole day", "[calendar][band]") {
  const auto bands = TimeBands::Make(TimeZone::Load("UTC").value(), {{"always", {}, 0h, 0h}}).value();
  const TimePoint day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
  for (auto at = day; at < day + 24h; at += 1h) CHECK(bands.Match(at) == "always");
}

}  // namespace
}  // namespace carillon::calendar
