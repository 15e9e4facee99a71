#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"

namespace carillon::qa::api {

Result<pb::Scorecard> GetScorecard(Call& call, Deps& deps, const pb::GetScorecardRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadScorecard(tx, in.name()); });
}

}  // namespace carillon::qa::api
