#include "qa/api/methods.hpp"

namespace carillon::qa::api {

Result<pb::Evaluation> GetEvaluation(Call& call, Deps& deps, const pb::GetEvaluationRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadEvaluation(tx, in.name(), SightOf(call)); });
}

}  // namespace carillon::qa::api
