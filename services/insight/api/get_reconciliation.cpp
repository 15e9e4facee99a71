#include <google/protobuf/util/message_differencer.h>

#include <numeric>

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
    const auto sum_of = [](const auto& outcomes) {
      return std::accumulate(outcomes.begin(), outcomes.end(), std::int64_t{0},
                             [](std::int64_t so_far, const auto& one) { return so_far + one.count(); });
    };
    out.set_outbound_adds_up(sum_of(out.outbound_outcomes()) == out.outbound_calls() &&
                             out.outbound_undecided() == 0 && out.attempts_without_call() == 0 &&
                             out.calls_without_attempt() == 0);
    out.set_evaluations_add_up(out.evaluations_planned() ==
                               out.evaluations_drawn() + out.evaluations_shortfall());
    out.set_reconciled(sum_of(out.outcomes()) == out.calls() && out.undecided() == 0 && out.orphans() == 0 &&
                       out.intervals_add_up() && out.outbound_adds_up() && out.evaluations_add_up());
    return out;
  });
}

}  // namespace carillon::insight::api
