#pragma once
#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/qa/v1/qa_service.pb.h"
#include "pg/message.hpp"

namespace carillon::qa::store {

namespace pb = carillon::qa::v1;

inline constexpr const char* kTopic = "carillon.qa.evaluations.v1";

/// Who may see what: without an agent everything of the principal's clients; with one only that agent's,
/// published.
struct Sight {
  std::string agent;  ///< agents/{uuid}, or empty
};

/// EVALUATION_UNKNOWN.
Result<pb::Evaluation> LockEvaluation(pg::Tx& tx, const std::string& name);
/// EVALUATION_UNKNOWN, also for one that is out of sight.
Result<pb::Evaluation> LoadEvaluation(pg::Tx& tx, const std::string& name, const Sight& sight);
pg::Page<pb::Evaluation> ListEvaluations(pg::Tx& tx, const pb::ListEvaluationsRequest& in, const Sight& sight,
                                         const std::string& after, int size);

/// Adds what was drawn, version 1, and publishes EvaluationDrawn of each.
void AddDrawn(pg::Tx& tx, const std::vector<pb::Evaluation>& evaluations, TimePoint now);
/// Writes the next version; returns it with its etag. It is locked.
pb::Evaluation SaveEvaluation(pg::Tx& tx, pb::Evaluation evaluation, TimePoint now);
/// Publishes an event that carries the evaluation.
template <class Event>
void Announce(pg::Tx& tx, const pb::Evaluation& evaluation) {
  Event event;
  *event.mutable_evaluation() = evaluation;
  pg::Announce(tx, kTopic, IdOf(evaluation.name()), event, tx.now());
}

/// Judged evaluations of a plan that are not published. Waits for those being judged.
int CountUnpublished(pg::Tx& tx, const std::string& plan);
/// Every evaluation of the plan is CLOSED.
void CloseEvaluations(pg::Tx& tx, const std::string& plan, TimePoint now);

/// Published evaluations by agent, agents by name, at most 1,000.
std::vector<pb::AgentScore> AgentScores(pg::Tx& tx, const pb::GetAgentScoresRequest& in, const Sight& sight);

}  // namespace carillon::qa::store
