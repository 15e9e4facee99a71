#include <google/protobuf/util/message_differencer.h>

#include "insight/api/methods.hpp"

namespace carillon::insight::api {

Result<pb::Reconciliation> GetReconciliation(Call& call, Deps& deps, const pb::GetReconciliationRequest& in) {
  TRY(const auto zone, ZoneOf(deps, in.time_zone()));
  TRY(const auto grid, domain::DayGrid(in.date(), zone));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Reconciliation> {
    pb::Reconciliation out = store::Recount(tx, grid);
    out.set_date(in.date());
    out.set_time_zone(zone.name());
    // The day counted in one piece against the sum of its half-hours.
    store::Scope scope{grid, "", "", deps.service_threshold, deps.short_abandon};
    pb::Volume sum;
    for (const auto& part : store::Volumes(tx, scope)) domain::Add(sum, part);
    scope.grid.length = grid.end - grid.start;
    pb::Volume whole;
    domain::Add(whole, store::Volumes(tx, scope).front());
    out.set_intervals_add_up(google::protobuf::util::MessageDifferencer::Equals(sum, whole));
    std::int64_t decided = 0;
    for (const auto& outcome : out.outcomes()) decided += outcome.count();
    out.set_reconciled(decided == out.calls() && out.undecided() == 0 && out.orphans() == 0 &&
                       out.intervals_add_up());
    return out;
  });
}

}  // namespace carillon::insight::api
