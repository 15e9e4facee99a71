#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

/// Local dates and times of an IANA zone.
namespace carillon::calendar {

using Date = std::chrono::year_month_day;

/// What the wall clock shows.
struct LocalTime {
  Date date;
  std::chrono::microseconds time_of_day;  ///< since 00:00, below 24 h
  std::chrono::weekday Weekday() const { return std::chrono::weekday{std::chrono::sys_days{date}}; }
  bool operator==(const LocalTime&) const = default;
};

/// A span of instants in which the zone keeps one offset.
struct OffsetPeriod {
  TimePoint begin;              ///< inclusive
  TimePoint end;                ///< exclusive
  std::chrono::seconds offset;  ///< local = UTC + offset
};

/// An IANA zone, its rules from 1900 to 2150 copied into a table; before and after, the first and last offset
/// hold. Immutable, cheap to copy, safe to share between threads.
class TimeZone {
 public:
  /// NOT_FOUND TIME_ZONE_UNKNOWN when no such zone exists.
  static Result<TimeZone> Load(std::string_view name);

  const std::string& name() const { return table_->name; }
  LocalTime ToLocal(TimePoint at) const;
  std::chrono::seconds OffsetAt(TimePoint at) const { return PeriodAt(at).offset; }
  /// The first instant at which the wall clock shows (date, time_of_day) or later on that date's time line: a
  /// time that a change repeats is its first showing, a time that a change skips is the moment of the change.
  TimePoint ToUtc(Date date, std::chrono::microseconds time_of_day) const;
  const OffsetPeriod& PeriodAt(TimePoint at) const;
  /// The period after `period`; nullptr after the last. `period` must come from this zone.
  const OffsetPeriod* Next(const OffsetPeriod& period) const;

 private:
  struct Table {
    std::string name;
    std::vector<OffsetPeriod> periods;  // without gaps; the first begins at min(), the last ends at max()
  };
  explicit TimeZone(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
  std::shared_ptr<const Table> table_;
};

/// "2026-02-14"; INVALID_ARGUMENT DATE_MALFORMED.
Result<Date> ParseDate(std::string_view text);
std::string FormatDate(Date date);
/// "08:30", "24:00" (the end of the day); INVALID_ARGUMENT TIME_OF_DAY_MALFORMED.
Result<std::chrono::minutes> ParseTimeOfDay(std::string_view text);

}  // namespace carillon::calendar
