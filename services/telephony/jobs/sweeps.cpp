#include "telephony/jobs/sweeps.hpp"

#include "obs/log.hpp"
#include "obs/metrics.hpp"

namespace carillon::telephony::jobs {
namespace {

constexpr int kForgottenAtOnce = 5000;

}  // namespace

Result<int> EndOverdueCalls(const Call& worker, pg::Pool& worker_db, Deps& deps, const Limits& limits,
                            const CallFor& call_for) {
  const auto now = worker.now;
  TRY(const auto overdue, worker_db.Read(worker, [&](pg::Tx& tx) -> Result<std::vector<store::TenantCall>> {
    return store::OverdueCalls(tx, now - limits.longest, now - limits.grace, now);
  }));
  int changed = 0;
  for (const auto& [tenant, name] : overdue) {
    bool ended = false;
    const auto swept =
        Step(call_for(tenant), deps, name, [&](const v1::Call& call) -> Result<domain::Change> {
          auto change = domain::Overdue(call, limits.longest, limits.grace, now);
          ended = change.has_value();
          if (!change) return domain::Unchanged(call);
          return *std::move(change);
        });
    // One call that cannot be ended keeps no other waiting.
    if (!swept)
      obs::Warn("a call was not ended by the sweep", {{"call", name}, {"reason", swept.error().reason}});
    if (!swept || !ended) continue;
    ++changed;
    obs::Warn("a call was ended by the sweep", {{"call", name}});
  }
  return changed;
}

Result<void> CountCalls(const Call& worker, pg::Pool& worker_db) {
  TRY(const auto live,
      worker_db.Read(worker, [](pg::Tx& tx) -> Result<std::int64_t> { return store::CountLive(tx); }));
  obs::GaugeOf("carillon_telephony_calls", "calls that are not over").Set(static_cast<double>(live));
  return Ok();
}

Result<std::int64_t> ForgetOldCalls(const Call& worker, pg::Pool& worker_db, const Limits& limits) {
  std::int64_t total = 0;
  for (std::int64_t gone = 1; gone > 0; total += gone) {
    TRY(gone, worker_db.Write(worker, [&](pg::Tx& tx) -> Result<std::int64_t> {
      return store::Forget(tx, worker.now - limits.retention, kForgottenAtOnce);
    }));
  }
  return total;
}

}  // namespace carillon::telephony::jobs
