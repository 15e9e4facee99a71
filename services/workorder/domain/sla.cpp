#include "workorder/domain/sla.hpp"

#include <algorithm>

#include "base/proto_time.hpp"

namespace carillon::workorder::domain {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (const auto part = Trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

pb::SlaPolicy Policy(pb::WorkOrder::Type type, pb::WorkOrder::Priority priority, int accept, int reply,
                     int handle, pb::SlaClock::Calendar calendar) {
  constexpr int kRevisitMinutes = 24 * 60;  // asked within 24 hours of the work done
  pb::SlaPolicy out;
  out.set_type(type);
  out.set_priority(priority);
  out.set_accept_minutes(accept);
  out.set_reply_minutes(reply);
  out.set_handle_minutes(handle);
  out.set_revisit_minutes(kRevisitMinutes);
  out.set_calendar(calendar);
  return out;
}

/// Sets due_time from what is left; a target that has passed already is due now.
void SetDue(pb::SlaClock& clock, const Hours& hours) {
  const Duration left = std::max(Duration::zero(), FromProto(clock.target()) - FromProto(clock.elapsed()));
  *clock.mutable_due_time() = ToProto(hours.Of(clock.calendar()).Add(FromProto(clock.as_of_time()), left));
}

}  // namespace

Hours::Hours(calendar::WorkingCalendar office)
    : office_(std::move(office)), always_(calendar::WorkingCalendar::AlwaysOpen(office_.zone())) {}

Result<Hours> Hours::Parse(const calendar::TimeZone& zone, std::string_view office,
                           std::string_view holidays) {
  const auto malformed = [office] {
    return InvalidArgument("OFFICE_HOURS_MALFORMED",
                           "office hours read '" + std::string(office) + "', not as '1-5 09:00-18:00'");
  };
  std::vector<calendar::WeeklyHours> weekly;
  for (const auto part : SplitAt(office, ',')) {
    const auto words = SplitAt(part, ' ');
    if (words.size() != 2) return malformed();
    const auto days = SplitAt(words[0], '-');
    const auto times = SplitAt(words[1], '-');
    if (days.empty() || days.size() > 2 || times.size() != 2) return malformed();
    if (days.front().size() != 1 || days.back().size() != 1) return malformed();
    const int first = days.front()[0] - '0';
    const int last = days.back()[0] - '0';
    if (first < 1 || last > 7 || first > last) return malformed();
    TRY(const auto from, calendar::ParseTimeOfDay(times[0]));
    TRY(const auto to, calendar::ParseTimeOfDay(times[1]));
    for (int day = first; day <= last; ++day) {
      weekly.push_back({std::chrono::weekday{static_cast<unsigned>(day)}, {from, to}});
    }
  }
  std::vector<calendar::DatedException> exceptions;
  for (const auto date : SplitAt(holidays, ',')) {
    TRY(const auto day, calendar::ParseDate(date));
    exceptions.push_back({day, {}});
  }
  TRY(auto made, calendar::WorkingCalendar::Make(zone, weekly, exceptions));
  return Hours(std::move(made));
}

std::string Hours::DayOf(TimePoint at) const { return calendar::FormatDate(always_.zone().ToLocal(at).date); }

std::vector<pb::SlaPolicy> DefaultPolicies() {
  using Order = pb::WorkOrder;
  constexpr int kHour = 60;
  constexpr auto kAlways = pb::SlaClock::ROUND_THE_CLOCK;
  constexpr auto kOffice = pb::SlaClock::OFFICE_HOURS;
  return {
      Policy(Order::FAULT, Order::P1, 15, 0, 4 * kHour, kAlways),
      Policy(Order::FAULT, Order::PRIORITY_UNSPECIFIED, 30, 0, 24 * kHour, kAlways),
      Policy(Order::COMPLAINT, Order::PRIORITY_UNSPECIFIED, 30, 24 * kHour, 72 * kHour, kAlways),
      Policy(Order::INQUIRY, Order::PRIORITY_UNSPECIFIED, 0, 24 * kHour, 24 * kHour, kAlways),
      Policy(Order::QUERY, Order::PRIORITY_UNSPECIFIED, 0, 24 * kHour, 24 * kHour, kAlways),
      Policy(Order::ACCEPTANCE, Order::PRIORITY_UNSPECIFIED, 0, 0, 48 * kHour, kOffice),
      Policy(Order::PRE_ACCEPTANCE, Order::PRIORITY_UNSPECIFIED, 0, 0, 48 * kHour, kOffice),
      Policy(Order::INSTALLATION, Order::PRIORITY_UNSPECIFIED, 0, 0, 48 * kHour, kOffice),
  };
}

pb::SlaPolicy PolicyOf(const std::vector<pb::SlaPolicy>& own, pb::WorkOrder::Type type,
                       pb::WorkOrder::Priority priority) {
  const auto defaults = DefaultPolicies();
  for (const auto* policies : {&own, &defaults}) {
    for (const auto wanted : {priority, pb::WorkOrder::PRIORITY_UNSPECIFIED}) {
      for (const auto& policy : *policies) {
        if (policy.type() == type && policy.priority() == wanted) return policy;
      }
    }
  }
  return Policy(type, pb::WorkOrder::PRIORITY_UNSPECIFIED, 0, 0, 24 * 60, pb::SlaClock::OFFICE_HOURS);
}

pb::SlaClock StartedClock(pb::SlaClock::Kind kind, Duration target, pb::SlaClock::Calendar calendar,
                          TimePoint now, const Hours& hours) {
  pb::SlaClock clock;
  clock.set_kind(kind);
  clock.set_state(pb::SlaClock::RUNNING);
  clock.set_calendar(calendar);
  *clock.mutable_target() = ToProto(target);
  *clock.mutable_elapsed() = ToProto(Duration::zero());
  *clock.mutable_as_of_time() = ToProto(now);
  SetDue(clock, hours);
  return clock;
}

void Advance(pb::SlaClock& clock, TimePoint now, const Hours& hours) {
  if (clock.state() != pb::SlaClock::RUNNING) return;
  const TimePoint as_of = FromProto(clock.as_of_time());
  if (now < as_of) return;
  const Duration passed = hours.Of(clock.calendar()).Elapsed(as_of, now);
  *clock.mutable_elapsed() = ToProto(FromProto(clock.elapsed()) + passed);
  *clock.mutable_as_of_time() = ToProto(now);
  if (now > FromProto(clock.due_time())) clock.set_breached(true);
}

void Pause(pb::SlaClock& clock, TimePoint now, const Hours& hours) {
  if (clock.state() != pb::SlaClock::RUNNING) return;
  Advance(clock, now, hours);
  clock.set_state(pb::SlaClock::PAUSED);
  clock.clear_due_time();
}

void Run(pb::SlaClock& clock, TimePoint now, const Hours& hours) {
  if (clock.state() == pb::SlaClock::RUNNING) return;
  clock.set_state(pb::SlaClock::RUNNING);
  *clock.mutable_as_of_time() = ToProto(now);
  SetDue(clock, hours);
}

void Stop(pb::SlaClock& clock, TimePoint now, const Hours& hours) {
  Advance(clock, now, hours);
  clock.set_state(pb::SlaClock::STOPPED);
  clock.clear_due_time();
}

void Retarget(pb::SlaClock& clock, Duration target, TimePoint now, const Hours& hours) {
  Advance(clock, now, hours);
  *clock.mutable_target() = ToProto(target);
  if (clock.state() == pb::SlaClock::RUNNING) SetDue(clock, hours);
}

std::optional<TimePoint> NextDue(const pb::WorkOrder& order) {
  std::optional<TimePoint> next;
  for (const auto& clock : order.clocks()) {
    if (clock.state() != pb::SlaClock::RUNNING || clock.breached()) continue;
    const TimePoint due = FromProto(clock.due_time());
    if (!next || due < *next) next = due;
  }
  return next;
}

}  // namespace carillon::workorder::domain
