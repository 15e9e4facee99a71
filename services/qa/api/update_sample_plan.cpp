#include "qa/api/methods.hpp"
#include "qa/api/plan_scorecards.hpp"
#include "qa/domain/plan.hpp"
#include "qa/store/plans.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::SamplePlan> UpdateSamplePlan(Call& call, Deps& deps, const pb::UpdateSamplePlanRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SamplePlan> {
    TRY(const auto before, store::LockPlan(tx, in.sample_plan().name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.sample_plan().etag()));
    pb::SamplePlan patched = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.sample_plan(), patched));
    TRY(const auto plan, domain::UpdatedPlan(before, patched, call.now));
    TRY(const auto checked, domain::CheckedPlan(plan, deps.time_zone, NewId(call.now)));
    TRY_VOID(RequireScorecards(tx, checked));
    return store::SavePlan(tx, checked);
  });
}

}  // namespace carillon::qa::api
