#include "customer/jobs/check_quality.hpp"

#include "customer/api/quality.hpp"
#include "customer/store/quality.hpp"
#include "obs/log.hpp"

namespace carillon::customer::jobs {

void BeginQualityChecks(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                        Duration every) {
  const auto due = worker_db.Read(worker, [&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    return store::TenantsToJudge(tx, worker.now - every);
  });
  if (!due) {
    obs::Warn("tenants whose records are to be judged not found", {{"error", due.error().message}});
    return;
  }
  for (const auto& tenant : *due) {
    Call call = call_for(tenant);
    const auto begun = api::RunQualityCheck(call, deps, pb::RunQualityCheckRequest());
    if (!begun) obs::Warn("quality not judged", {{"tenant", tenant}, {"error", begun.error().message}});
  }
}

}  // namespace carillon::customer::jobs
