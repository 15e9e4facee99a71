#pragma once
#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/qa/v1/qa_service.pb.h"
#include "pg/message.hpp"

namespace carillon::qa::store {

namespace pb = carillon::qa::v1;

/// SAMPLE_PLAN_UNKNOWN.
Result<pb::SamplePlan> LockPlan(pg::Tx& tx, const std::string& name);
Result<pb::SamplePlan> LoadPlan(pg::Tx& tx, const std::string& name);
/// Without quotas.
pg::Page<pb::SamplePlan> ListPlans(pg::Tx& tx, const pb::ListSamplePlansRequest& in, const std::string& after,
                                   int size);
/// Writes the next version; returns the plan with its etag. It is new or locked.
pb::SamplePlan SavePlan(pg::Tx& tx, pb::SamplePlan plan);
/// Publishes SamplePlanDrawn.
void AnnounceDrawn(pg::Tx& tx, const pb::SamplePlan& plan);

}  // namespace carillon::qa::store
