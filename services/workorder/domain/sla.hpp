#pragma once
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/working_time.hpp"
#include "carillon/workorder/v1/work_order.pb.h"

/// Promises: so much working time until something is done.
///
/// A clock keeps accumulated working time and the moment it is true for, so that pausing, resuming and
/// another target are sums, never re-computations over a history. Pure; `now` never goes back for one clock.
namespace carillon::workorder::domain {

namespace pb = carillon::workorder::v1;

/// The working times clocks run on.
class Hours {
 public:
  Hours(calendar::WorkingCalendar office);  // NOLINT: one calendar makes both
  /// "1-5 09:00-18:00, 6 09:00-12:00" (Monday = 1) in `zone`, closed on the dates of `holidays`
  /// ("2026-10-01, 2026-10-02"). INVALID_ARGUMENT OFFICE_HOURS_MALFORMED, or what WorkingCalendar refuses.
  static Result<Hours> Parse(const calendar::TimeZone& zone, std::string_view office,
                             std::string_view holidays);
  const calendar::WorkingCalendar& Of(pb::SlaClock::Calendar calendar) const {
    return calendar == pb::SlaClock::OFFICE_HOURS ? office_ : always_;
  }
  /// The day the wall clock shows, "2026-04-02".
  std::string DayOf(TimePoint at) const;

 private:
  calendar::WorkingCalendar office_;
  calendar::WorkingCalendar always_;
};

/// The promises of the trade where a tenant has set none: fault P1 accept 15 min and restore 4 h; complaint
/// accept 30 min, reply 24 h, resolve 72 h; inquiry reply 24 h; acceptance 48 h; revisit within 24 h of
/// completion.
std::vector<pb::SlaPolicy> DefaultPolicies();
/// The one that holds for an order: the tenant's own for type and priority, its own for the type, then the
/// defaults in the same order, then 24 working hours.
pb::SlaPolicy PolicyOf(const std::vector<pb::SlaPolicy>& own, pb::WorkOrder::Type type,
                       pb::WorkOrder::Priority priority);

/// A clock that runs from now on.
pb::SlaClock StartedClock(pb::SlaClock::Kind kind, Duration target, pb::SlaClock::Calendar calendar,
                          TimePoint now, const Hours& hours);
/// Brings `elapsed` up to now; notes a breach.
void Advance(pb::SlaClock& clock, TimePoint now, const Hours& hours);
/// RUNNING -> PAUSED; others stay.
void Pause(pb::SlaClock& clock, TimePoint now, const Hours& hours);
/// PAUSED or STOPPED -> RUNNING, what has elapsed is kept.
void Run(pb::SlaClock& clock, TimePoint now, const Hours& hours);
/// -> STOPPED.
void Stop(pb::SlaClock& clock, TimePoint now, const Hours& hours);
/// Another target; what has elapsed is kept, so the rest is new target - elapsed.
void Retarget(pb::SlaClock& clock, Duration target, TimePoint now, const Hours& hours);

/// The earliest due time of the running clocks that are not breached; nullopt when there is none.
std::optional<TimePoint> NextDue(const pb::WorkOrder& order);

}  // namespace carillon::workorder::domain
