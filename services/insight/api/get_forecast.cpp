#include "insight/api/methods.hpp"
#include "insight/domain/forecast.hpp"

namespace carillon::insight::api {
namespace {

/// What came on those of the dates that are over.
std::vector<domain::PastDay> Past(pg::Tx& tx, const Deps& deps, const pb::GetForecastRequest& in,
                                  const calendar::TimeZone& zone, const std::vector<calendar::Date>& dates) {
  const auto today = zone.ToLocal(tx.now()).date;
  std::vector<domain::PastDay> past;
  for (const auto date : dates) {
    if (date >= today) continue;
    const auto grid = domain::GridOf(date, zone);
    auto& day = past.emplace_back(domain::PastDay{date, domain::EmptyIntervals(grid, zone)});
    const auto volumes =
        store::Requests(tx, {grid, in.client(), in.queue(), deps.service_threshold, deps.short_abandon});
    for (std::size_t i = 0; i < day.intervals.size(); ++i) *day.intervals[i].mutable_volume() = volumes[i];
  }
  return past;
}

}  // namespace

Result<pb::Forecast> GetForecast(Call& call, Deps& deps, const pb::GetForecastRequest& in) {
  TRY(const auto zone, ZoneOf(deps, in.time_zone()));
  TRY(const auto date, calendar::ParseDate(in.date()));
  const auto day = domain::EmptyIntervals(domain::GridOf(date, zone), zone);
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Forecast> {
    auto out = domain::Foretold(date, day, Past(tx, deps, in, zone, domain::SameWeekdays(date)));
    if (out.days().empty())
      out = domain::Foretold(date, day, Past(tx, deps, in, zone, domain::DaysBefore(date)));
    out.set_time_zone(zone.name());
    return out;
  });
}

}  // namespace carillon::insight::api
