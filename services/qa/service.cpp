#include "qa/service.hpp"

#include "qa/api/methods.hpp"
#include "qa/domain/bands.hpp"
#include "qa/events/consume.hpp"

namespace carillon::qa {

struct Service::Parts {
  api::Deps deps;
};

Service::Service(host::Host& host, const Settings& settings)
    : parts_(std::make_unique<Parts>(Parts{{host.db(), settings.time_zone, settings.night}})) {
  // A night that cannot be read stops the process here, not a draw later.
  host::Required(domain::Bands::Make(host::Required(calendar::TimeZone::Load(settings.time_zone)),
                                     settings.night, {}, {}));
  auto& deps = parts_->deps;
  rpc::Binder scorecards(host.server(), "carillon.qa.v1.ScorecardService", deps);
  scorecards.Unary("CreateScorecard", api::CreateScorecard);
  scorecards.Unary("GetScorecard", api::GetScorecard);
  scorecards.Unary("ListScorecards", api::ListScorecards);
  scorecards.Unary("UpdateScorecardDraft", api::UpdateScorecardDraft);
  scorecards.Unary("ActivateScorecard", api::ActivateScorecard);
  scorecards.Unary("GetScorecardRevision", api::GetScorecardRevision);
  scorecards.Unary("ListScorecardRevisions", api::ListScorecardRevisions);
  rpc::Binder samples(host.server(), "carillon.qa.v1.SamplingService", deps);
  samples.Unary("CreateSamplePlan", api::CreateSamplePlan);
  samples.Unary("GetSamplePlan", api::GetSamplePlan);
  samples.Unary("ListSamplePlans", api::ListSamplePlans);
  samples.Unary("UpdateSamplePlan", api::UpdateSamplePlan);
  samples.Unary("OpenSamplePlan", api::OpenSamplePlan);
  samples.Unary("DrawSamples", api::DrawSamples);
  samples.Unary("CloseSamplePlan", api::CloseSamplePlan);
  rpc::Binder evaluations(host.server(), "carillon.qa.v1.EvaluationService", deps);
  evaluations.Unary("GetEvaluation", api::GetEvaluation);
  evaluations.Unary("ListEvaluations", api::ListEvaluations);
  evaluations.Unary("SubmitScore", api::SubmitScore);
  evaluations.Unary("PublishEvaluation", api::PublishEvaluation);
  evaluations.Unary("AcknowledgeEvaluation", api::AcknowledgeEvaluation);
  evaluations.Unary("GetAgentScores", api::GetAgentScores);
  events::OnInteractions(host, deps);
  events::OnAttempts(host, deps);
}

Service::~Service() = default;

}  // namespace carillon::qa
