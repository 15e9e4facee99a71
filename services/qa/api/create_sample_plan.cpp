#include "qa/api/methods.hpp"
#include "qa/api/plan_scorecards.hpp"
#include "qa/domain/plan.hpp"
#include "qa/store/plans.hpp"

namespace carillon::qa::api {

Result<pb::SamplePlan> CreateSamplePlan(Call& call, Deps& deps, const pb::CreateSamplePlanRequest& in) {
  TRY(auto wish, domain::CheckedPlan(in.sample_plan(), deps.time_zone, NewId(call.now)));
  TRY(*wish.mutable_client(), ClientOf(call, in.sample_plan().client()));
  wish.set_name("samplePlans/" + NewId(call.now));
  wish.set_owner_unit(call.principal.unit);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SamplePlan> {
    TRY_VOID(RequireScorecards(tx, wish));
    return store::SavePlan(tx, domain::CreatedPlan(wish, call.principal.Name(), call.now));
  });
}

}  // namespace carillon::qa::api
