#include "base/proto_time.hpp"
#include "insight/api/methods.hpp"

namespace carillon::insight::api {

Result<pb::GetIntervalsResponse> GetIntervals(Call& call, Deps& deps, const pb::GetIntervalsRequest& in) {
  constexpr std::chrono::days kLongest{31};
  TRY(const auto zone, ZoneOf(deps, in.time_zone()));
  const domain::Grid grid{FromProto(in.start_time()), FromProto(in.end_time()),
                          std::chrono::minutes{in.interval_minutes() == 0 ? 30 : in.interval_minutes()}};
  if (grid.end <= grid.start || grid.end - grid.start > kLongest) {
    return InvalidArgument("SPAN_TOO_LONG", "a report spans more than nothing and at most 31 days",
                           {{"end_time", "is not after start_time, or more than 31 days after it"}});
  }
  const store::Scope scope{grid, in.client(), in.queue(), deps.service_threshold, deps.short_abandon};
  TRY(const auto volumes, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Volume>> {
    return store::Volumes(tx, scope);
  }));
  auto intervals = domain::EmptyIntervals(grid, zone);
  for (std::size_t i = 0; i < intervals.size(); ++i) *intervals[i].mutable_volume() = volumes[i];
  pb::GetIntervalsResponse out;
  *out.mutable_total() = domain::Summed(intervals);
  for (auto& interval : intervals) *out.add_intervals() = std::move(interval);
  return out;
}

}  // namespace carillon::insight::api
