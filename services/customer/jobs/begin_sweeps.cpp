#include "customer/jobs/begin_sweeps.hpp"

#include "customer/api/quality.hpp"
#include "customer/api/segments.hpp"
#include "customer/api/steward.hpp"
#include "customer/store/quality.hpp"
#include "customer/store/records.hpp"
#include "customer/store/segments.hpp"
#include "obs/log.hpp"

namespace carillon::customer::jobs {
namespace {

template <class BeginFn>
void BeginWhereDue(pg::Pool& worker_db, const CallFor& call_for, const Call& worker, TimePoint before,
                   std::vector<std::string> (*tenants_due)(pg::Tx&, TimePoint), BeginFn begin) {
  const auto due = worker_db.Read(
      worker, [&](pg::Tx& tx) -> Result<std::vector<std::string>> { return tenants_due(tx, before); });
  if (!due) {
    obs::Warn("tenants whose records are to be looked at not found", {{"error", due.error().message}});
    return;
  }
  for (const auto& tenant : *due) {
    Call call = call_for(tenant);
    const auto begun = begin(call);
    if (!begun) {
      obs::Warn("a tenant's records are not looked at",
                {{"tenant", tenant}, {"error", begun.error().message}});
    }
  }
}

}  // namespace

void BeginQualityChecks(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                        Duration every) {
  BeginWhereDue(worker_db, call_for, worker, worker.now - every, store::TenantsToJudge,
                [&](Call& call) { return api::RunQualityCheck(call, deps, pb::RunQualityCheckRequest()); });
}

void BeginLearning(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                   Duration every) {
  BeginWhereDue(worker_db, call_for, worker, worker.now - every, store::TenantsToLearn,
                [&](Call& call) { return api::LearnMatchModel(call, deps, pb::LearnMatchModelRequest()); });
}

void BeginSegmentSweeps(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                        Duration every) {
  BeginWhereDue(worker_db, call_for, worker, worker.now - every, store::TenantsToSegment,
                [&](Call& call) { return api::BeginSegmentSweep(call, deps); });
}

}  // namespace carillon::customer::jobs
