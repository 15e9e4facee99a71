#include "qa/store/plans.hpp"

#include "carillon/qa/v1/qa_events.pb.h"
#include "qa/domain/errors.hpp"
#include "qa/store/evaluations.hpp"
#include "qa/store/statements.hpp"

namespace carillon::qa::store {
namespace {

Result<pb::SamplePlan> OnlyPlan(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownPlan(name);
  return pg::Versioned<pb::SamplePlan>(rows[0]);
}

}  // namespace

Result<pb::SamplePlan> LockPlan(pg::Tx& tx, const std::string& name) {
  return OnlyPlan(tx.Exec(sql::kLockPlan, IdOf(name)), name);
}

Result<pb::SamplePlan> LoadPlan(pg::Tx& tx, const std::string& name) {
  return OnlyPlan(tx.Exec(sql::kLoadPlan, IdOf(name)), name);
}

pg::Page<pb::SamplePlan> ListPlans(pg::Tx& tx, const pb::ListSamplePlansRequest& in, const std::string& after,
                                   int size) {
  const auto [at, id] = pg::After(after);
  const auto state = in.state() == pb::SamplePlan::STATE_UNSPECIFIED
                         ? pg::Param(std::nullopt)
                         : pg::Param(pb::SamplePlan::State_Name(in.state()));
  return pg::PageOf<pb::SamplePlan>(
      tx.Exec(sql::kListPlans, at, id, pg::MaybeId(in.client()), state, size + 1), size);
}

pb::SamplePlan SavePlan(pg::Tx& tx, pb::SamplePlan plan) {
  plan.clear_etag();
  const auto rows = tx.Exec(sql::kSavePlan, IdOf(plan.name()), IdOf(plan.client()),
                            pb::SamplePlan::State_Name(plan.state()), plan.owner_unit(), plan.owner_user(),
                            pg::Time(FromProto(plan.create_time())), pg::Time(FromProto(plan.update_time())),
                            pg::JsonOf(plan));
  plan.set_etag(rows[0]["version"].c_str());
  return plan;
}

void AnnounceDrawn(pg::Tx& tx, const pb::SamplePlan& plan) {
  pb::SamplePlanDrawn event;
  *event.mutable_plan() = plan;
  pg::Announce(tx, kTopic, IdOf(plan.name()), event, FromProto(plan.update_time()));
}

}  // namespace carillon::qa::store
