#pragma once
#include "carillon/qa/v1/qa_service.pb.h"
#include "qa/api/deps.hpp"

/// The methods of ScorecardService, SamplingService and EvaluationService; what each promises is said in the
/// .proto.
namespace carillon::qa::api {

Result<pb::Scorecard> CreateScorecard(Call& call, Deps& deps, const pb::CreateScorecardRequest& in);
Result<pb::Scorecard> GetScorecard(Call& call, Deps& deps, const pb::GetScorecardRequest& in);
Result<pb::ListScorecardsResponse> ListScorecards(Call& call, Deps& deps,
                                                  const pb::ListScorecardsRequest& in);
Result<pb::ScorecardRevision> UpdateScorecardDraft(Call& call, Deps& deps,
                                                   const pb::UpdateScorecardDraftRequest& in);
Result<pb::Scorecard> ActivateScorecard(Call& call, Deps& deps, const pb::ActivateScorecardRequest& in);
Result<pb::ScorecardRevision> GetScorecardRevision(Call& call, Deps& deps,
                                                   const pb::GetScorecardRevisionRequest& in);
Result<pb::ListScorecardRevisionsResponse> ListScorecardRevisions(
    Call& call, Deps& deps, const pb::ListScorecardRevisionsRequest& in);

Result<pb::SamplePlan> CreateSamplePlan(Call& call, Deps& deps, const pb::CreateSamplePlanRequest& in);
Result<pb::SamplePlan> GetSamplePlan(Call& call, Deps& deps, const pb::GetSamplePlanRequest& in);
Result<pb::ListSamplePlansResponse> ListSamplePlans(Call& call, Deps& deps,
                                                    const pb::ListSamplePlansRequest& in);
Result<pb::SamplePlan> UpdateSamplePlan(Call& call, Deps& deps, const pb::UpdateSamplePlanRequest& in);
Result<pb::SamplePlan> OpenSamplePlan(Call& call, Deps& deps, const pb::OpenSamplePlanRequest& in);
Result<pb::SamplePlan> DrawSamples(Call& call, Deps& deps, const pb::DrawSamplesRequest& in);
Result<pb::SamplePlan> CloseSamplePlan(Call& call, Deps& deps, const pb::CloseSamplePlanRequest& in);

Result<pb::Evaluation> GetEvaluation(Call& call, Deps& deps, const pb::GetEvaluationRequest& in);
Result<pb::ListEvaluationsResponse> ListEvaluations(Call& call, Deps& deps,
                                                    const pb::ListEvaluationsRequest& in);
Result<pb::Evaluation> SubmitScore(Call& call, Deps& deps, const pb::SubmitScoreRequest& in);
Result<pb::Evaluation> PublishEvaluation(Call& call, Deps& deps, const pb::PublishEvaluationRequest& in);
Result<pb::Evaluation> AcknowledgeEvaluation(Call& call, Deps& deps,
                                             const pb::AcknowledgeEvaluationRequest& in);
Result<pb::GetAgentScoresResponse> GetAgentScores(Call& call, Deps& deps,
                                                  const pb::GetAgentScoresRequest& in);

}  // namespace carillon::qa::api
