#pragma once
#include <bitset>
#include <string>
#include <vector>

#include "calendar/time_zone.hpp"

namespace carillon::calendar {

/// A named part of the local day, on some weekdays: "day" 08:00–20:00, "night" 20:00–08:00.
struct TimeBand {
  std::string name;
  std::bitset<7> days;        ///< by weekday::c_encoding, Sunday = 0; none set = every day
  std::chrono::minutes from;  ///< inclusive
  std::chrono::minutes
      to;  ///< exclusive; not after `from` = over midnight, then the day is that of the beginning
};

/// A list of bands, the first match wins. Immutable; may be shared between threads.
class TimeBands {
 public:
  /// INVALID_ARGUMENT TIME_BAND: a band without a name, or with a time outside 00:00–24:00.
  static Result<TimeBands> Make(TimeZone zone, std::vector<TimeBand> bands);
  /// The name of the first band the wall clock is in at `at`; empty when there is none.
  const std::string& Match(TimePoint at) const;
  /// True when `at` lies in the band `name`, first or not.
  bool Lies(TimePoint at, std::string_view name) const;

 private:
  TimeBands(TimeZone zone, std::vector<TimeBand> bands) : zone_(std::move(zone)), bands_(std::move(bands)) {}
  TimeZone zone_;
  std::vector<TimeBand> bands_;
};

}  // namespace carillon::calendar
