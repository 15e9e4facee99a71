#include "calendar/time_band.hpp"

#include <algorithm>

namespace carillon::calendar {
namespace {

bool Holds(const TimeBand& band, const LocalTime& local) {
  const auto on = [&](unsigned weekday) { return band.days.none() || band.days.test(weekday); };
  const unsigned today = local.Weekday().c_encoding();
  if (band.from < band.to) return on(today) && band.from <= local.time_of_day && local.time_of_day < band.to;
  return (on(today) && local.time_of_day >= band.from) ||
         (on((today + 6) % 7) && local.time_of_day < band.to);
}

}  // namespace

Result<TimeBands> TimeBands::Make(TimeZone zone, std::vector<TimeBand> bands) {
  for (const auto& band : bands) {
    const auto within = [](std::chrono::minutes at) {
      return at >= std::chrono::minutes{0} && at <= std::chrono::hours{24};
    };
    if (band.name.empty() || !within(band.from) || !within(band.to))
      return InvalidArgument("TIME_BAND", "A time band has no name, or a time outside the day.",
                             {{"bands", "need a name, and times from 00:00 to 24:00"}});
  }
  return TimeBands(std::move(zone), std::move(bands));
}

const std::string& TimeBands::Match(TimePoint at) const {
  static const std::string kNone;
  const auto local = zone_.ToLocal(at);
  const auto found =
      std::find_if(bands_.begin(), bands_.end(), [&](const TimeBand& band) { return Holds(band, local); });
  return found == bands_.end() ? kNone : found->name;
}

bool TimeBands::Lies(TimePoint at, std::string_view name) const {
  const auto local = zone_.ToLocal(at);
  return std::any_of(bands_.begin(), bands_.end(),
                     [&](const TimeBand& band) { return band.name == name && Holds(band, local); });
}

}  // namespace carillon::calendar
