#include "insight/domain/forecast.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "base/proto_time.hpp"
#include "insight/domain/kpi.hpp"

namespace carillon::insight::domain {
namespace {

using namespace std::chrono_literals;

const calendar::TimeZone& Shanghai() {
  static const auto zone = calendar::TimeZone::Load("Asia/Shanghai").value();
  return zone;
}

constexpr calendar::Date kThursday{std::chrono::year{2026}, std::chrono::month{4}, std::chrono::day{2}};

std::vector<pb::Interval> Empty(calendar::Date date, const calendar::TimeZone& zone = Shanghai()) {
  return EmptyIntervals(GridOf(date, zone), zone);
}

/// A day with so many requests in the half-hour of ten.
PastDay With(calendar::Date date, std::int64_t requests, Duration talk = 0s,
             const calendar::TimeZone& zone = Shanghai()) {
  PastDay day{date, Empty(date, zone)};
  for (auto& interval : day.intervals) {
    if (interval.label() != "10:00") continue;
    interval.mutable_volume()->set_offered(requests);
    interval.mutable_volume()->set_answered(requests);
    *interval.mutable_volume()->mutable_talk() = ToProto(talk * requests);
  }
  return day;
}

const pb::ForecastInterval& At(const pb::Forecast& forecast, const std::string& label) {
  for (const auto& interval : forecast.intervals())
    if (interval.label() == label) return interval;
  FAIL("no half-hour " << label);
  throw std::logic_error(label);
}

TEST_CASE("a centre that never had a request expects none, and says of what it learnt: nothing",
          "[insight]") {
  const auto forecast = Foretold(kThursday, Empty(kThursday), {With(SameWeekdays(kThursday)[0], 0)});
  CHECK(forecast.intervals().empty());
  CHECK(forecast.days().empty());
  CHECK_FALSE(forecast.has_wape());
}

TEST_CASE("the same weekdays of eight weeks are looked at, else the days of four", "[insight]") {
  const auto weekdays = SameWeekdays(kThursday);
  REQUIRE(weekdays.size() == 8);
  for (std::size_t n = 0; n < weekdays.size(); ++n) {
    CHECK(std::chrono::weekday{std::chrono::sys_days{weekdays[n]}} == std::chrono::Thursday);
    CHECK(std::chrono::sys_days{kThursday} - std::chrono::sys_days{weekdays[n]} ==
          std::chrono::days{7 * (static_cast<int>(n) + 1)});
  }
  REQUIRE(DaysBefore(kThursday).size() == 28);
  CHECK(calendar::FormatDate(DaysBefore(kThursday)[0]) == "2026-04-01");
}

TEST_CASE("days that were all alike are expected again, give or take what chance does", "[insight]") {
  std::vector<PastDay> past;
  for (const auto date : SameWeekdays(kThursday)) past.push_back(With(date, 100, 90s));
  const auto forecast = Foretold(kThursday, Empty(kThursday), past);
  REQUIRE(forecast.intervals_size() == 48);
  CHECK(forecast.offered() == Approx(100));
  const auto& ten = At(forecast, "10:00");
  CHECK(ten.offered() == Approx(100));
  CHECK(ten.low() == Approx(100 - 12.8));
  CHECK(ten.high() == Approx(100 + 12.8));
  CHECK(FromProto(ten.handle_time()) == Duration{90s});
  CHECK(FromProto(At(forecast, "11:00").handle_time()) == Duration{90s});  // the day's
  CHECK(At(forecast, "11:00").offered() == 0);
  CHECK(At(forecast, "11:00").high() == 0);
  CHECK(forecast.wape() == Approx(0).margin(1e-9));
}

TEST_CASE("a week counts seven tenths of the week after it, and a day the centre was closed counts nothing",
          "[insight]") {
  const auto dates = SameWeekdays(kThursday);
  const auto forecast =
      Foretold(kThursday, Empty(kThursday), {With(dates[2], 40), With(dates[0], 100), With(dates[1], 0)});
  const double older = 0.7 * 0.7 * 0.7, newer = 0.7;
  CHECK(forecast.offered() == Approx((100 * newer + 40 * older) / (newer + older)));
  REQUIRE(forecast.days_size() == 2);
  CHECK(forecast.days(0).date() == calendar::FormatDate(dates[0]));
  CHECK(forecast.days(0).offered() == 100);
  CHECK(forecast.days(0).weight() == Approx(newer / (newer + older)));
  CHECK(forecast.days(0).weight() + forecast.days(1).weight() == Approx(1));
  CHECK(forecast.wape() == Approx(60.0 / 100));  // told from the older one, the newer one was 60 off
}

TEST_CASE("half-hours are matched by the clock on the wall, also when it is changed", "[insight]") {
  const auto zone = calendar::TimeZone::Load("Europe/Berlin").value();
  const calendar::Date spring{std::chrono::year{2026}, std::chrono::month{3}, std::chrono::day{29}};
  const auto forecast = Foretold(spring, Empty(spring, zone), {With(SameWeekdays(spring)[0], 30, 60s, zone)});
  CHECK(forecast.intervals_size() == 46);
  CHECK(At(forecast, "10:00").offered() == Approx(30));
}

TEST_CASE("of drawn days eight of ten lie within the band", "[insight]") {
  std::mt19937 random(7);
  int within = 0;
  constexpr int kTries = 2000;
  for (int n = 0; n < kTries; ++n) {
    std::poisson_distribution<int> calls(80);
    std::vector<PastDay> past;
    for (const auto date : SameWeekdays(kThursday)) past.push_back(With(date, calls(random)));
    const auto forecast = Foretold(kThursday, Empty(kThursday), past);
    const auto& ten = At(forecast, "10:00");
    const int came = calls(random);
    within += came >= ten.low() && came <= ten.high() ? 1 : 0;
  }
  CHECK(within > kTries * 0.75);
  CHECK(within < kTries * 0.9);
}

}  // namespace
}  // namespace carillon::insight::domain
