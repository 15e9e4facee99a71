#include "campaign/domain/hours.hpp"

#include "base/check.hpp"

namespace carillon::campaign::domain {
namespace {

using calendar::OpenInterval;

constexpr OpenInterval kLegal{std::chrono::hours{8}, std::chrono::hours{21}};
constexpr OpenInterval kUsual{std::chrono::hours{9}, std::chrono::hours{20}};

OpenInterval IntervalOf(const pb::Campaign::Window& window) {
  return {calendar::ParseTimeOfDay(window.start()).value_or(std::chrono::minutes{0}),
          calendar::ParseTimeOfDay(window.end()).value_or(std::chrono::minutes{0})};
}

/// By c_encoding.
bool LiesOn(const pb::Campaign::Window& window, unsigned day) {
  if (window.weekdays().empty()) return true;
  for (const int iso : window.weekdays())
    if (std::chrono::weekday{static_cast<unsigned>(iso)} == std::chrono::weekday{day}) return true;
  return false;
}

bool Overlap(const pb::Campaign::Window& one, const pb::Campaign::Window& other) {
  const auto a = IntervalOf(one);
  const auto b = IntervalOf(other);
  if (a.to <= b.from || b.to <= a.from) return false;
  for (unsigned day = 0; day < 7; ++day)
    if (LiesOn(one, day) && LiesOn(other, day)) return true;
  return false;
}

calendar::WorkingCalendar Make(const calendar::TimeZone& zone,
                               const std::vector<calendar::WeeklyHours>& weekly) {
  auto made = calendar::WorkingCalendar::Make(zone, weekly);
  CARILLON_CHECK(made.has_value());
  return *std::move(made);
}

calendar::WorkingCalendar EveryDay(const calendar::TimeZone& zone, OpenInterval hours) {
  std::vector<calendar::WeeklyHours> weekly;
  weekly.reserve(7);
  for (unsigned day = 0; day < 7; ++day) weekly.push_back({std::chrono::weekday{day}, hours});
  return Make(zone, weekly);
}

}  // namespace

calendar::WorkingCalendar LegalHours(const calendar::TimeZone& zone) { return EveryDay(zone, kLegal); }

std::vector<Violation> WindowFaults(const google::protobuf::RepeatedPtrField<pb::Campaign::Window>& windows) {
  std::vector<Violation> faults;
  for (int i = 0; i < windows.size(); ++i) {
    const auto path = "campaign.windows[" + std::to_string(i) + "]";
    const auto hours = IntervalOf(windows[i]);
    if (hours.to <= hours.from) faults.push_back({path + ".end", "is not after start"});
    if (hours.from < kLegal.from || hours.to > kLegal.to)
      faults.push_back({path, "leaves 08:00–21:00, when customers may be called"});
    for (int j = 0; j < i; ++j)
      if (Overlap(windows[i], windows[j]))
        faults.push_back({path, "overlaps windows[" + std::to_string(j) + "]"});
  }
  return faults;
}

calendar::WorkingCalendar CallingHours(
    const calendar::TimeZone& zone, const google::protobuf::RepeatedPtrField<pb::Campaign::Window>& windows) {
  if (windows.empty()) return EveryDay(zone, kUsual);
  std::vector<calendar::WeeklyHours> weekly;
  for (const auto& window : windows)
    for (unsigned day = 0; day < 7; ++day)
      if (LiesOn(window, day)) weekly.push_back({std::chrono::weekday{day}, IntervalOf(window)});
  return Make(zone, weekly);
}

}  // namespace carillon::campaign::domain
