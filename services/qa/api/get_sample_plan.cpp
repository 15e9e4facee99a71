#include "qa/api/methods.hpp"
#include "qa/store/plans.hpp"

namespace carillon::qa::api {

Result<pb::SamplePlan> GetSamplePlan(Call& call, Deps& deps, const pb::GetSamplePlanRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadPlan(tx, in.name()); });
}

}  // namespace carillon::qa::api
