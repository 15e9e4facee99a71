#include "qa/api/methods.hpp"
#include "qa/domain/plan.hpp"
#include "qa/store/candidates.hpp"
#include "qa/store/plans.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {
namespace {

/// Who is in the plan: its members or, without members, everybody who spoke with the client's customers on
/// its days.
std::vector<std::string> AgentsOf(pg::Tx& tx, const pb::SamplePlan& plan) {
  if (plan.members().empty()) return store::AgentsWith(tx, plan.client(), domain::SpanOf(plan));
  std::vector<std::string> agents;
  for (const auto& member : plan.members()) agents.push_back(member.agent());
  return agents;
}

std::vector<pb::AgentScore> ScoresBefore(pg::Tx& tx, const pb::SamplePlan& plan) {
  const auto span = domain::RankedSpan(plan);
  pb::GetAgentScoresRequest question;
  question.set_client(plan.client());
  *question.mutable_start_time() = ToProto(span.begin);
  *question.mutable_end_time() = ToProto(span.end);
  return store::AgentScores(tx, question, {});
}

}  // namespace

Result<pb::SamplePlan> OpenSamplePlan(Call& call, Deps& deps, const pb::OpenSamplePlanRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SamplePlan> {
    TRY(const auto before, store::LockPlan(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const auto plan, domain::Opened(before, AgentsOf(tx, before), ScoresBefore(tx, before), call.now));
    return store::SavePlan(tx, plan);
  });
}

}  // namespace carillon::qa::api
