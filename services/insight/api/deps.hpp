#pragma once
#include "base/call.hpp"
#include "calendar/time_zone.hpp"
#include "insight/store/reports.hpp"
#include "pg/pool.hpp"

namespace carillon::insight::api {

namespace pb = carillon::insight::v1;

/// What every method and every consumer has at hand.
struct Deps {
  pg::Pool& db;
  calendar::TimeZone zone;  ///< of reports that name none
  Duration service_threshold;
  Duration short_abandon;
};

/// The zone asked for, or the service's; INVALID_ARGUMENT TIME_ZONE_UNKNOWN.
inline Result<calendar::TimeZone> ZoneOf(const Deps& deps, const std::string& name) {
  if (name.empty()) return deps.zone;
  auto zone = calendar::TimeZone::Load(name);
  if (!zone)
    return InvalidArgument("TIME_ZONE_UNKNOWN", "no such zone: " + name, {{"time_zone", "is not known"}});
  return zone;
}

}  // namespace carillon::insight::api
