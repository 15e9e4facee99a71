#include "calendar/working_time.hpp"

#include <algorithm>

namespace carillon::calendar {
namespace {

constexpr std::chrono::minutes kDayEnd{24 * 60};

Result<std::vector<OpenInterval>> Merged(std::vector<OpenInterval> hours, const std::string& field) {
  std::sort(hours.begin(), hours.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  std::vector<OpenInterval> merged;
  for (const auto& interval : hours) {
    if (interval.from < std::chrono::minutes{0} || interval.to > kDayEnd || interval.from >= interval.to)
      return InvalidArgument("CALENDAR_INTERVAL", "An opening interval is empty or leaves its day.",
                             {{field, "needs 00:00 <= from < to <= 24:00"}});
    if (!merged.empty() && interval.from <= merged.back().to)
      merged.back().to = std::max(merged.back().to, interval.to);
    else
      merged.push_back(interval);
  }
  return merged;
}

}  // namespace

Result<WorkingCalendar> WorkingCalendar::Make(TimeZone zone, const std::vector<WeeklyHours>& weekly,
                                              const std::vector<DatedException>& exceptions) {
  WorkingCalendar calendar(std::move(zone));
  if (weekly.empty())
    return InvalidArgument("CALENDAR_NEVER_OPEN", "The calendar has no weekly hours.",
                           {{"weekly", "is empty"}});
  for (const auto& [day, hours] : weekly) {
    if (!day.ok())
      return InvalidArgument("CALENDAR_INTERVAL", "A weekday does not exist.", {{"weekly.day", "0..6"}});
    calendar.weekly_[day.c_encoding()].push_back(hours);
  }
  for (auto& day : calendar.weekly_) {
    TRY(auto merged, Merged(std::move(day), "weekly"));
    day = std::move(merged);
  }
  for (const auto& exception : exceptions) {
    const auto date = FormatDate(exception.date);
    if (!exception.date.ok())
      return InvalidArgument("DATE_MALFORMED", "An exception's date does not exist.",
                             {{"exceptions.date", date}});
    TRY(auto merged, Merged(exception.hours, "exceptions"));
    if (!calendar.dated_.emplace(std::chrono::sys_days{exception.date}, std::move(merged)).second)
      return InvalidArgument("CALENDAR_DATE_REPEATED", "Two exceptions have the date " + date + ".",
                             {{"exceptions.date", date + " is given twice"}});
  }
  return calendar;
}

WorkingCalendar WorkingCalendar::AlwaysOpen(TimeZone zone) {
  WorkingCalendar calendar(std::move(zone));
  for (auto& day : calendar.weekly_) day = {{std::chrono::minutes{0}, kDayEnd}};
  return calendar;
}

const std::vector<OpenInterval>& WorkingCalendar::HoursOf(Date date) const {
  const std::chrono::sys_days day{date};
  if (!dated_.empty()) {
    const auto exception = dated_.find(day);
    if (exception != dated_.end()) return exception->second;
  }
  return weekly_[std::chrono::weekday{day}.c_encoding()];
}

/// Gives visit(begin, end) the open spans after `from`, in order of time, none empty, until it returns false.
/// Within a period of one offset local dates follow each other, so going period by period keeps the order
/// even where a change repeats the end of a day. Spans may touch.
template <class Visit>
void WorkingCalendar::Walk(TimePoint from, Visit visit) const {
  for (const auto* period = &zone_.PeriodAt(from); period != nullptr; period = zone_.Next(*period)) {
    const auto begin = std::max(from, period->begin);
    for (auto day = std::chrono::floor<std::chrono::days>(begin + period->offset);;
         day += std::chrono::days{1}) {
      const TimePoint midnight = TimePoint{day} - period->offset;
      if (midnight >= period->end) break;
      for (const auto& interval : HoursOf(Date{day})) {
        const auto opens = std::max(midnight + interval.from, begin);
        const auto closes = std::min<TimePoint>(midnight + interval.to, period->end);
        if (opens < closes && !visit(opens, closes)) return;
      }
    }
  }
}

bool WorkingCalendar::IsOpen(TimePoint at) const {
  const auto local = zone_.ToLocal(at);
  const auto& hours = HoursOf(local.date);
  return std::any_of(hours.begin(), hours.end(), [&](const OpenInterval& interval) {
    return interval.from <= local.time_of_day && local.time_of_day < interval.to;
  });
}

TimePoint WorkingCalendar::NextOpen(TimePoint at) const {
  auto found = TimePoint::max();
  Walk(at, [&](TimePoint opens, TimePoint) {
    found = opens;
    return false;
  });
  return found;
}

TimePoint WorkingCalendar::NextClose(TimePoint at) const {
  auto end = at;
  Walk(at, [&](TimePoint opens, TimePoint closes) {
    if (opens > end) return false;
    end = closes;
    return end < at + std::chrono::days{400};
  });
  return end < at + std::chrono::days{400} ? end : TimePoint::max();
}

Duration WorkingCalendar::Elapsed(TimePoint from, TimePoint to) const {
  Duration total{0};
  if (to <= from) return total;
  Walk(from, [&](TimePoint opens, TimePoint closes) {
    if (opens >= to) return false;
    total += std::min(closes, to) - opens;
    return closes < to;
  });
  return total;
}

TimePoint WorkingCalendar::Add(TimePoint from, Duration work) const {
  if (work <= Duration{0}) return from;
  auto deadline = TimePoint::max();
  Walk(from, [&](TimePoint opens, TimePoint closes) {
    const Duration span = closes - opens;
    if (work <= span) {
      deadline = opens + work;
      return false;
    }
    work -= span;
    return true;
  });
  return deadline;
}

Date WorkingCalendar::AddWorkingDays(Date date, int days) const {
  std::chrono::sys_days day{date};
  while (days > 0) {
    day += std::chrono::days{1};
    if (IsWorkingDay(Date{day})) --days;
  }
  return Date{day};
}

}  // namespace carillon::calendar
