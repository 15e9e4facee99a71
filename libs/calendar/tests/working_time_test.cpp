#include "calendar/working_time.hpp"

#include <catch2/catch.hpp>
#include <random>

namespace carillon::calendar {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TimePoint At(int y, unsigned m, unsigned d, std::chrono::seconds of_day) {
  return TimePoint{sys_days{std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d}}} + of_day;
}

/// The definition of open, applied to one minute after the other: slow, and too simple to be wrong.
class Oracle {
 public:
  Oracle(const TimeZone& zone, const std::vector<WeeklyHours>& weekly,
         const std::vector<DatedException>& dated)
      : zone_(zone), weekly_(weekly), dated_(dated) {}

  bool IsOpen(TimePoint at) const {
    const auto local = zone_.ToLocal(at);
    const auto in = [&](const OpenInterval& i) {
      return i.from <= local.time_of_day && local.time_of_day < i.to;
    };
    for (const auto& exception : dated_)
      if (exception.date == local.date)
        return std::any_of(exception.hours.begin(), exception.hours.end(), in);
    return std::any_of(weekly_.begin(), weekly_.end(), [&](const WeeklyHours& hours) {
      return hours.day == local.Weekday() && in(hours.hours);
    });
  }
  Duration Elapsed(TimePoint from, TimePoint to) const {
    Duration total{0};
    for (; from < to; from += 1min) total += IsOpen(from) ? Duration{1min} : Duration{0};
    return total;
  }
  TimePoint Add(TimePoint from, Duration work) const {
    for (; work > Duration{0}; from += 1min) work -= IsOpen(from) ? Duration{1min} : Duration{0};
    return from;
  }

 private:
  const TimeZone& zone_;
  const std::vector<WeeklyHours>& weekly_;
  const std::vector<DatedException>& dated_;
};

std::vector<WeeklyHours> Office() {
  std::vector<WeeklyHours> weekly;
  for (unsigned day = 1; day <= 5; ++day) {
    weekly.push_back({std::chrono::weekday{day}, {9h, 12h}});
    weekly.push_back({std::chrono::weekday{day}, {13h, 18h}});
  }
  return weekly;
}

TEST_CASE("four working hours from Friday afternoon end on Monday morning", "[calendar][working]") {
  const auto calendar = WorkingCalendar::Make(TimeZone::Load("Asia/Shanghai").value(), Office()).value();
  const auto friday = At(2026, 11, 20, 8h);  // 16:00 in Shanghai
  CHECK(calendar.IsOpen(friday));
  CHECK(calendar.Add(friday, 4h) == At(2026, 11, 23, 3h));  // Monday 11:00
  CHECK(calendar.Elapsed(friday, At(2026, 11, 23, 3h)) == 4h);
  CHECK(calendar.Add(friday, 2h) == At(2026, 11, 20, 10h));
  CHECK(calendar.Add(friday, 0h) == friday);
  CHECK(calendar.NextOpen(At(2026, 11, 21, 0h)) == At(2026, 11, 23, 1h));
  CHECK(calendar.NextOpen(friday) == friday);
  CHECK(calendar.NextClose(friday) == At(2026, 11, 20, 10h));
  CHECK(calendar.NextClose(At(2026, 11, 21, 0h)) == At(2026, 11, 21, 0h));
  CHECK(calendar.Elapsed(friday, friday - 1h) == 0h);
}

TEST_CASE("a holiday stops the clock and a working Saturday runs it", "[calendar][working]") {
  const auto calendar = WorkingCalendar::Make(TimeZone::Load("Asia/Shanghai").value(), Office(),
                                              {{std::chrono::year{2026} / 10 / 1, {}},
                                               {std::chrono::year{2026} / 10 / 2, {}},
                                               {std::chrono::year{2026} / 10 / 3, {{9h, 12h}}}})
                            .value();
  CHECK(calendar.Add(At(2026, 9, 30, 9h), 2h) == At(2026, 10, 3, 2h));  // Wednesday 17:00 -> Saturday 10:00
  CHECK_FALSE(calendar.IsWorkingDay(std::chrono::year{2026} / 10 / 1));
  CHECK(calendar.AddWorkingDays(std::chrono::year{2026} / 9 / 30, 2) == std::chrono::year{2026} / 10 / 5);
}

TEST_CASE("a centre that never closes counts real time", "[calendar][working]") {
  const auto calendar = WorkingCalendar::AlwaysOpen(TimeZone::Load("America/New_York").value());
  const auto from = At(2024, 3, 1, 0h);
  CHECK(calendar.Elapsed(from, from + 8760h) == 8760h);
  CHECK(calendar.Add(from, 1000h) == from + 1000h);
  CHECK(calendar.NextClose(from) == TimePoint::max());
}

TEST_CASE("a night shift loses the skipped hour in March and works the repeated one twice",
          "[calendar][working]") {
  const auto calendar =
      WorkingCalendar::Make(TimeZone::Load("Europe/Berlin").value(), {{std::chrono::Sunday, {0h, 6h}}})
          .value();
  CHECK(calendar.Elapsed(At(2024, 3, 30, 0h), At(2024, 4, 1, 0h)) == 5h);
  CHECK(calendar.Elapsed(At(2024, 10, 26, 0h), At(2024, 10, 28, 0h)) == 7h);
}

TEST_CASE("calendars that make no sense are refused", "[calendar][working]") {
  const auto zone = TimeZone::Load("UTC").value();
  const auto reason = [&](const std::vector<WeeklyHours>& weekly, const std::vector<DatedException>& dated) {
    const auto made = WorkingCalendar::Make(zone, weekly, dated);
    return made ? std::string() : made.error().reason;
  };
  CHECK(reason({}, {}) == "CALENDAR_NEVER_OPEN");
  CHECK(reason({{std::chrono::Monday, {9h, 9h}}}, {}) == "CALENDAR_INTERVAL");
  CHECK(reason({{std::chrono::Monday, {9h, 25h}}}, {}) == "CALENDAR_INTERVAL");
  CHECK(reason({{std::chrono::Monday, {-1h, 9h}}}, {}) == "CALENDAR_INTERVAL");
  const Date day = std::chrono::year{2024} / 1 / 1;
  CHECK(reason(Office(), {{day, {}}, {day, {{1h, 2h}}}}) == "CALENDAR_DATE_REPEATED");
  CHECK(reason(Office(), {{std::chrono::year{2023} / 2 / 29, {}}}) == "DATE_MALFORMED");
  CHECK(reason(Office(), {{day, {}}}).empty());
}

TEST_CASE("open, elapsed and deadline agree with a minute-by-minute count for any calendar and zone",
          "[calendar][working][property]") {
  const auto seed = Catch::rngSeed();
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  // Changes at 02:00, at midnight (Havana, São Paulo until 2018), at 00:01 (St John's until 2011), of half an
  // hour (Lord Howe), a whole day skipped (Apia 2011), none at all.
  struct Span {
    const char* zone;
    TimePoint around;
  };
  const std::vector<Span> spans = {
      {"Asia/Shanghai", At(2026, 2, 14, 0h)},      {"America/New_York", At(2024, 3, 10, 0h)},
      {"America/New_York", At(2024, 11, 3, 0h)},   {"Europe/Berlin", At(2024, 10, 27, 0h)},
      {"America/Havana", At(2024, 3, 10, 0h)},     {"America/Havana", At(2024, 11, 3, 0h)},
      {"America/Sao_Paulo", At(2017, 10, 15, 0h)}, {"America/St_Johns", At(2010, 11, 7, 0h)},
      {"Australia/Lord_Howe", At(2024, 4, 7, 0h)}, {"Pacific/Apia", At(2011, 12, 30, 0h)},
      {"Asia/Kathmandu", At(2024, 5, 1, 0h)}};
  int checked = 0;
  for (int round = 0; round < 66; ++round) {
    const auto& [name, around] = spans[static_cast<std::size_t>(round) % spans.size()];
    const auto zone = TimeZone::Load(name).value();
    const auto interval = [&] {
      const int from = pick(0, 24 * 60 - 1);
      return OpenInterval{std::chrono::minutes{from}, std::chrono::minutes{pick(from + 1, 24 * 60)}};
    };
    std::vector<WeeklyHours> weekly;
    for (int i = pick(1, 10); i > 0; --i)
      weekly.push_back({std::chrono::weekday{static_cast<unsigned>(pick(0, 6))}, interval()});
    std::vector<DatedException> dated;
    for (int day = -6; day <= 6; ++day) {
      if (pick(0, 3) != 0) continue;
      DatedException exception{Date{std::chrono::floor<std::chrono::days>(around) + std::chrono::days{day}},
                               {}};
      for (int i = pick(0, 2); i > 0; --i) exception.hours.push_back(interval());
      dated.push_back(exception);
    }
    const auto calendar = WorkingCalendar::Make(zone, weekly, dated).value();
    const Oracle oracle(zone, weekly, dated);
    INFO("seed " << seed << " round " << round << " zone " << name);
    for (int query = 0; query < 4; ++query) {
      const auto from = around + std::chrono::minutes{pick(-5 * 1440, 2 * 1440)};
      const auto to = from + std::chrono::minutes{pick(0, 4 * 1440)};
      const Duration work = std::chrono::minutes{pick(1, 36 * 60)};
      CHECK(calendar.IsOpen(from) == oracle.IsOpen(from));
      CHECK(calendar.Elapsed(from, to) == oracle.Elapsed(from, to));
      const auto deadline = calendar.Add(from, work);
      if (deadline - from < std::chrono::days{60}) CHECK(deadline == oracle.Add(from, work));
      CHECK(calendar.Elapsed(from, deadline) == work);
      const auto opens = calendar.NextOpen(from);
      CHECK(oracle.IsOpen(opens));
      if (opens - from < std::chrono::days{20}) CHECK(oracle.Elapsed(from, opens) == 0min);
      const auto closes = calendar.NextClose(from);
      if (closes != TimePoint::max()) {
        CHECK_FALSE(oracle.IsOpen(closes));
        CHECK(oracle.Elapsed(from, closes) == closes - from);
      }
      // Below the minute: additive, whatever the cut.
      const auto cut =
          from + std::chrono::microseconds{(to - from).count() * pick(0, 1000) / 1000 + pick(0, 59999)};
      if (cut <= to)
        CHECK(calendar.Elapsed(from, cut) + calendar.Elapsed(cut, to) == calendar.Elapsed(from, to));
      ++checked;
    }
  }
  CHECK(checked == 264);
}

}  // namespace
}  // namespace carillon::calendar
