#include "base/proto_time.hpp"
#include "insight/api/methods.hpp"

namespace carillon::insight::api {

Result<pb::DayReport> GetDayReport(Call& call, Deps& deps, const pb::GetDayReportRequest& in) {
  TRY(const auto zone, ZoneOf(deps, in.time_zone()));
  TRY(const auto grid, domain::DayGrid(in.date(), zone));
  const store::Scope scope{grid, in.client(), in.queue(), deps.service_threshold, deps.short_abandon};
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::DayReport> {
    pb::DayReport out;
    out.set_date(in.date());
    out.set_time_zone(zone.name());
    *out.mutable_service_threshold() = ToProto(deps.service_threshold);
    *out.mutable_short_abandon() = ToProto(deps.short_abandon);
    auto intervals = domain::EmptyIntervals(grid, zone);
    const auto volumes = store::Volumes(tx, scope);
    for (std::size_t i = 0; i < intervals.size(); ++i) *intervals[i].mutable_volume() = volumes[i];
    *out.mutable_day() = domain::Summed(intervals);
    for (auto& interval : intervals) *out.add_intervals() = std::move(interval);
    for (auto& count : store::OrderCounts(tx, scope)) *out.add_orders() = std::move(count);
    if (scope.queue.empty()) {
      *out.mutable_campaign() = store::CampaignsOf(tx, scope);
      *out.mutable_qa() = store::QualityOf(tx, scope);
    }
    for (auto& line : store::AgentLines(tx, scope)) {
      for (auto& kpi : domain::KpisOf(line)) *line.add_kpis() = std::move(kpi);
      *out.add_agents() = std::move(line);
    }
    return out;
  });
}

}  // namespace carillon::insight::api
