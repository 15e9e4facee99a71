#pragma once
#include <array>
#include <map>
#include <vector>

#include "calendar/time_zone.hpp"

namespace carillon::calendar {

/// An open span of a local day, [from, to), in minutes since 00:00; `to` may be 24:00. Hours that go over
/// midnight are two of these, one a day.
struct OpenInterval {
  std::chrono::minutes from;
  std::chrono::minutes to;
  bool operator==(const OpenInterval&) const = default;
};

/// Hours of one weekday.
struct WeeklyHours {
  std::chrono::weekday day;
  OpenInterval hours;
};

/// The hours of one date, instead of its weekday's: a holiday has none, a working Saturday has some.
struct DatedException {
  Date date;
  std::vector<OpenInterval> hours;
};

/// When somebody works: weekly hours in local time, with exceptions by date.
///
/// Open is what the wall clock says: an instant is open when the local time it shows lies in an interval of
/// the local date it shows. Everything else follows from that, summer-time changes included. Immutable; may
/// be shared between threads; every query is a walk over the days it spans.
class WorkingCalendar {
 public:
  /// Intervals of a day may touch or overlap; they are merged. INVALID_ARGUMENT CALENDAR_INTERVAL (an
  /// interval that is empty or leaves its day), CALENDAR_DATE_REPEATED (two exceptions for a date),
  /// CALENDAR_NEVER_OPEN (no weekly hours: deadlines would never come).
  static Result<WorkingCalendar> Make(TimeZone zone, const std::vector<WeeklyHours>& weekly,
                                      const std::vector<DatedException>& exceptions = {});
  /// Seven days, 24 hours.
  static WorkingCalendar AlwaysOpen(TimeZone zone);

  const TimeZone& zone() const { return zone_; }
  bool IsOpen(TimePoint at) const;
  /// `at` when it is open, else the next opening.
  TimePoint NextOpen(TimePoint at) const;
  /// `at` when it is closed, else the moment at which this opening ends; TimePoint::max() when that is more
  /// than 400 days away (always open).
  TimePoint NextClose(TimePoint at) const;
  /// Working time in [from, to); zero when `to` is not after `from`.
  Duration Elapsed(TimePoint from, TimePoint to) const;
  /// The first instant at which `work` of working time has passed since `from`: the deadline. With no work to
  /// do it is `from` itself. Elapsed(from, Add(from, work)) == work for every work that is not negative.
  TimePoint Add(TimePoint from, Duration work) const;
  /// Open for any part of the local date.
  bool IsWorkingDay(Date date) const { return !HoursOf(date).empty(); }
  /// The working day `days` working days after `date` (which need not be one itself); `days` >= 0.
  Date AddWorkingDays(Date date, int days) const;
  const std::vector<OpenInterval>& HoursOf(Date date) const;

 private:
  explicit WorkingCalendar(TimeZone zone) : zone_(std::move(zone)) {}
  template <class Visit>
  void Walk(TimePoint from, Visit visit) const;

  TimeZone zone_;
  std::array<std::vector<OpenInterval>, 7> weekly_;  // by c_encoding, Sunday = 0
  std::map<std::chrono::sys_days, std::vector<OpenInterval>> dated_;
};

}  // namespace carillon::calendar
