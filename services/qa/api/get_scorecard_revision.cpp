#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"

namespace carillon::qa::api {

Result<pb::ScorecardRevision> GetScorecardRevision(Call& call, Deps& deps,
                                                   const pb::GetScorecardRevisionRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadRevision(tx, in.name()); });
}

}  // namespace carillon::qa::api
