#include "base/proto_time.hpp"
#include "carillon/qa/v1/qa_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace qa = carillon::qa::v1;

std::string BandOf(const qa::SamplePlan::BandQuota& band) {
  if (band.has_time_band()) return qa::TimeBand_Name(band.time_band());
  if (band.has_length_band()) return qa::LengthBand_Name(band.length_band());
  return "SOLD";
}

/// The quotas of the agents whose sample is drawn.
void ApplyPlan(pg::Tx& tx, const qa::SamplePlanDrawn& event, const pg::EventId& id) {
  for (const auto& quota : event.plan().quotas()) {
    if (!quota.has_draw_time()) continue;
    pb::QuotaFact fact;
    fact.set_plan(event.plan().name());
    fact.set_agent(quota.agent());
    fact.set_client(event.plan().client());
    fact.set_planned(quota.planned());
    fact.set_drawn(quota.drawn());
    *fact.mutable_draw_time() = quota.draw_time();
    for (const auto& band : quota.bands()) {
      if (band.drawn() >= band.planned()) continue;
      auto& shortfall = *fact.add_shortfalls();
      shortfall.set_band(BandOf(band));
      shortfall.set_reason(qa::SamplePlan::BandQuota::Shortfall_Name(band.shortfall()));
      shortfall.set_count(band.planned() - band.drawn());
    }
    store::Put(tx, fact, id.occurred_at);
  }
}

template <class Event>
void ApplyEvaluation(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  const qa::Evaluation& one = event.evaluation();
  pb::EvaluationFact fact;
  fact.set_evaluation(one.name());
  fact.set_plan(one.plan());
  fact.set_client(one.client());
  fact.set_agent(one.agent());
  fact.set_interaction(one.interaction());
  fact.set_direction(DirectionOf(one.direction()));
  fact.set_state(qa::Evaluation::State_Name(one.state()));
  if (one.has_total()) fact.set_total(one.total());
  fact.set_passed(one.passed());
  *fact.mutable_vetoes() = one.vetoes();
  *fact.mutable_draw_time() = one.draw_time();
  if (one.has_score_time()) *fact.mutable_score_time() = one.score_time();
  if (one.has_publish_time()) *fact.mutable_publish_time() = one.publish_time();
  store::Put(tx, fact, static_cast<int>(one.state()), id.occurred_at);
}

}  // namespace

void OnEvaluations(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.qa.evaluations.v1";
  Consume<qa::SamplePlanDrawn>(host, kTopic, deps, ApplyPlan);
  Consume<qa::EvaluationDrawn>(host, kTopic, deps, ApplyEvaluation);
  Consume<qa::EvaluationScored>(host, kTopic, deps, ApplyEvaluation);
  Consume<qa::EvaluationPublished>(host, kTopic, deps, ApplyEvaluation);
  Consume<qa::EvaluationAcknowledged>(host, kTopic, deps, ApplyEvaluation);
  Consume<qa::VetoHit>(host, kTopic, deps, ApplyEvaluation);
}

}  // namespace carillon::insight::events
