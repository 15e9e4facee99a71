#pragma once
#include <string>
#include <vector>

#include "calendar/time_zone.hpp"
#include "carillon/insight/v1/forecast.pb.h"
#include "carillon/insight/v1/report.pb.h"

/// What to expect of a day, from days like it (WEIGHTED_HISTORY of the brief). Pure.
namespace carillon::insight::domain {

namespace pb = carillon::insight::v1;

/// A day that was: its half-hours by label, in order.
struct PastDay {
  calendar::Date date;
  std::vector<pb::Interval> intervals;
};

/// The same weekday of the eight weeks before, latest first.
std::vector<calendar::Date> SameWeekdays(calendar::Date date);
/// The four weeks before, latest first: for a centre too young for the others.
std::vector<calendar::Date> DaysBefore(calendar::Date date);

/// The forecast of the day whose empty half-hours are given. Days without a request are not learnt of: the
/// centre was closed, or was not there yet.
pb::Forecast Foretold(calendar::Date date, const std::vector<pb::Interval>& day, std::vector<PastDay> past);

}  // namespace carillon::insight::domain
