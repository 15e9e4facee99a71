#include "qa/store/evaluations.hpp"

#include "carillon/qa/v1/qa_events.pb.h"
#include "qa/domain/errors.hpp"
#include "qa/store/statements.hpp"

namespace carillon::qa::store {

Result<pb::Evaluation> LockEvaluation(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kLockEvaluation, IdOf(name));
  if (rows.empty()) return errors::UnknownEvaluation(name);
  return pg::Versioned<pb::Evaluation>(rows[0]);
}

Result<pb::Evaluation> LoadEvaluation(pg::Tx& tx, const std::string& name, const Sight& sight) {
  const auto rows = tx.Exec(sql::kLoadEvaluation, IdOf(name), pg::MaybeId(sight.agent));
  if (rows.empty()) return errors::UnknownEvaluation(name);
  return pg::Versioned<pb::Evaluation>(rows[0]);
}

pg::Page<pb::Evaluation> ListEvaluations(pg::Tx& tx, const pb::ListEvaluationsRequest& in, const Sight& sight,
                                         const std::string& after, int size) {
  const auto [at, id] = pg::After(after);
  const auto state = in.state() == pb::Evaluation::STATE_UNSPECIFIED
                         ? pg::Param(std::nullopt)
                         : pg::Param(pb::Evaluation::State_Name(in.state()));
  return pg::PageOf<pb::Evaluation>(
      tx.Exec(sql::kListEvaluations, at, id, pg::MaybeId(in.plan()), pg::MaybeId(in.agent()), state,
              pg::MaybeId(in.client()), pg::MaybeTime(in.has_start_time(), in.start_time()),
              pg::MaybeTime(in.has_end_time(), in.end_time()), pg::MaybeId(sight.agent), size + 1),
      size);
}

void AddDrawn(pg::Tx& tx, const std::vector<pb::Evaluation>& evaluations, TimePoint now) {
  if (evaluations.empty()) return;
  std::vector<std::string> ids, clients, plans, agents, interactions, ended, bodies;
  std::vector<int> drawn, sizes;
  for (const auto& evaluation : evaluations) {
    ids.push_back(IdOf(evaluation.name()));
    clients.push_back(IdOf(evaluation.client()));
    plans.push_back(IdOf(evaluation.plan()));
    agents.push_back(IdOf(evaluation.agent()));
    interactions.push_back(IdOf(evaluation.interaction()));
    ended.push_back(FormatRfc3339(FromProto(evaluation.interaction_end_time())));
    drawn.push_back(evaluation.stratum_drawn());
    sizes.push_back(evaluation.stratum_size());
    bodies.push_back(pg::JsonOf(evaluation));
  }
  tx.Exec(sql::kAddEvaluations, pg::Array(ids), pg::Array(clients), pg::Array(plans), pg::Array(agents),
          pg::Array(interactions), pg::Array(ended), pg::Array(drawn), pg::Array(sizes), pg::Array(bodies),
          pg::Time(now));
  for (auto evaluation : evaluations) {
    evaluation.set_etag("1");
    Announce<pb::EvaluationDrawn>(tx, evaluation);
  }
}

pb::Evaluation SaveEvaluation(pg::Tx& tx, pb::Evaluation evaluation, TimePoint now) {
  evaluation.clear_etag();
  const auto total = evaluation.has_total() ? pg::Param(evaluation.total()) : pg::Param(std::nullopt);
  const auto rows =
      tx.Exec(sql::kSaveEvaluation, IdOf(evaluation.name()), pb::Evaluation::State_Name(evaluation.state()),
              pg::MaybeTime(evaluation.has_publish_time(), evaluation.publish_time()), total,
              evaluation.passed(), !evaluation.vetoes().empty(), pg::Time(now), pg::JsonOf(evaluation));
  evaluation.set_etag(rows[0]["version"].c_str());
  return evaluation;
}

int CountUnpublished(pg::Tx& tx, const std::string& plan) {
  return tx.Exec(sql::kCountUnpublished, IdOf(plan))[0]["scored"].as<int>();
}

void CloseEvaluations(pg::Tx& tx, const std::string& plan, TimePoint now) {
  tx.Exec(sql::kCloseEvaluations, IdOf(plan), pg::Time(now));
}

std::vector<pb::AgentScore> AgentScores(pg::Tx& tx, const pb::GetAgentScoresRequest& in, const Sight& sight) {
  std::vector<pb::AgentScore> scores;
  for (const auto& row : tx.Exec(sql::kAgentScores, pg::MaybeId(in.agent()), pg::MaybeId(in.client()),
                                 pg::MaybeTime(in.has_start_time(), in.start_time()),
                                 pg::MaybeTime(in.has_end_time(), in.end_time()), pg::MaybeId(sight.agent))) {
    auto& score = scores.emplace_back();
    score.set_agent(pg::NameOf("agents", row["agent_id"]));
    score.set_evaluations(row["evaluations"].as<int>());
    score.set_average(row["average"].as<int>());
    score.set_estimated_average(row["estimated_average"].as<int>());
    score.set_passed(row["passed"].as<int>());
    score.set_vetoed(row["vetoed"].as<int>());
  }
  return scores;
}

}  // namespace carillon::qa::store
