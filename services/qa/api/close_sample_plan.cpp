#include "qa/api/methods.hpp"
#include "qa/domain/plan.hpp"
#include "qa/store/plans.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::SamplePlan> CloseSamplePlan(Call& call, Deps& deps, const pb::CloseSamplePlanRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SamplePlan> {
    TRY(const auto before, store::LockPlan(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const auto plan, domain::ClosedPlan(before, call.now));
    if (const int unpublished = store::CountUnpublished(tx, plan.name()); unpublished > 0)
      return errors::Unpublished(unpublished);
    store::CloseEvaluations(tx, plan.name(), call.now);
    return store::SavePlan(tx, plan);
  });
}

}  // namespace carillon::qa::api
