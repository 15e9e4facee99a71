#include "calendar/time_zone.hpp"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tztrans.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace carillon::calendar {
namespace {

constexpr TimePoint kRulesFrom = std::chrono::sys_days{std::chrono::year{1900} / 1 / 1};
constexpr TimePoint kRulesTo = std::chrono::sys_days{std::chrono::year{2150} / 1 / 1};

UDate ToIcu(TimePoint at) {
  return static_cast<UDate>(std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count());
}

TimePoint FromIcu(UDate at) { return TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(at)}}; }

std::optional<std::chrono::seconds> IcuOffset(const icu::BasicTimeZone& zone, TimePoint at) {
  int32_t raw = 0;
  int32_t summer = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone.getOffset(ToIcu(at), 0, raw, summer, status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  return std::chrono::seconds{(raw + summer) / 1000};
}

Error UnknownZone(std::string_view name) {
  return NotFound("TIME_ZONE_UNKNOWN", "There is no time zone " + std::string(name) + ".",
                  {{"time_zone", std::string(name)}});
}

/// All digits of `text`, or nothing.
std::optional<int> Number(std::string_view text) {
  int value = 0;
  const auto* end = text.data() + text.size();
  if (text.empty() || text.front() == '-' || text.front() == '+') return std::nullopt;
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

}  // namespace

Result<TimeZone> TimeZone::Load(std::string_view name) {
  const auto wanted =
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int>(name.size())));
  const std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(wanted));
  const auto* zone = dynamic_cast<const icu::BasicTimeZone*>(found.get());
  icu::UnicodeString id;
  if (name.empty() || zone == nullptr || *found == icu::TimeZone::getUnknown() || zone->getID(id) != wanted)
    return UnknownZone(name);

  auto table = std::make_shared<Table>();
  table->name = std::string(name);
  auto begin = TimePoint::min();
  auto offset = IcuOffset(*zone, kRulesFrom);
  if (!offset) return UnknownZone(name);
  icu::TimeZoneTransition transition;
  for (auto from = kRulesFrom; zone->getNextTransition(ToIcu(from), 0, transition) != 0;) {
    from = FromIcu(transition.getTime());
    if (from >= kRulesTo) break;
    const auto next = IcuOffset(*zone, from);
    if (!next) return UnknownZone(name);
    if (*next == *offset) continue;  // a change of name only
    table->periods.push_back({begin, from, *offset});
    begin = from;
    offset = next;
  }
  table->periods.push_back({begin, TimePoint::max(), *offset});
  return TimeZone(std::move(table));
}

const OffsetPeriod& TimeZone::PeriodAt(TimePoint at) const {
  const auto after =
      std::upper_bound(table_->periods.begin(), table_->periods.end(), at,
                       [](TimePoint t, const OffsetPeriod& period) { return t < period.begin; });
  return *std::prev(after);
}

const OffsetPeriod* TimeZone::Next(const OffsetPeriod& period) const {
  return &period == &table_->periods.back() ? nullptr : &period + 1;
}

LocalTime TimeZone::ToLocal(TimePoint at) const {
  const auto local = at + OffsetAt(at);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {Date{day}, local - day};
}

TimePoint TimeZone::ToUtc(Date date, std::chrono::microseconds time_of_day) const {
  const TimePoint wall = std::chrono::sys_days{date} + time_of_day;
  // No offset is beyond 26 hours, so the first period that could show `wall` is the one 26 hours earlier.
  for (const auto* period = &PeriodAt(wall - std::chrono::hours{26}); period != nullptr;
       period = Next(*period)) {
    const auto at = std::max(wall - period->offset, period->begin);
    if (at < period->end) return at;
  }
  CARILLON_CHECK(false);  // the last period ends with time itself
}

Result<Date> ParseDate(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = Number(text.substr(0, 4));
    const auto month = Number(text.substr(5, 2));
    const auto day = Number(text.substr(8, 2));
    if (year && month && day) {
      const Date date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                      std::chrono::day{static_cast<unsigned>(*day)}};
      if (date.ok()) return date;
    }
  }
  return InvalidArgument("DATE_MALFORMED", "The date is not a day of the calendar in the form YYYY-MM-DD.");
}

std::string FormatDate(Date date) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

Result<std::chrono::minutes> ParseTimeOfDay(std::string_view text) {
  if (text.size() == 5 && text[2] == ':') {
    const auto hours = Number(text.substr(0, 2));
    const auto minutes = Number(text.substr(3, 2));
    if (hours && minutes && *minutes < 60 && *hours * 60 + *minutes <= 24 * 60)
      return std::chrono::minutes{*hours * 60 + *minutes};
  }
  return InvalidArgument("TIME_OF_DAY_MALFORMED",
                         "The time of day is not in the form HH:MM, 00:00 to 24:00.");
}

}  // namespace carillon::calendar
