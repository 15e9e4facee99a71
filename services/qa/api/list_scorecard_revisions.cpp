#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"

namespace carillon::qa::api {

Result<pb::ListScorecardRevisionsResponse> ListScorecardRevisions(
    Call& call, Deps& deps, const pb::ListScorecardRevisionsRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListScorecardRevisionsResponse> {
    TRY_VOID(store::LoadScorecard(tx, in.parent()));
    pb::ListScorecardRevisionsResponse out;
    for (auto& revision : store::Revisions(tx, in.parent())) *out.add_revisions() = std::move(revision);
    return out;
  });
}

}  // namespace carillon::qa::api
