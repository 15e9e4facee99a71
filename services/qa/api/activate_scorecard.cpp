#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::Scorecard> ActivateScorecard(Call& call, Deps& deps, const pb::ActivateScorecardRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Scorecard> {
    TRY(const auto before, store::LockScorecard(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    const auto revisions = store::Revisions(tx, in.name());
    TRY(const auto activated, domain::Activated(before, revisions.front(), call.now));
    for (const auto& revision : revisions) {
      if (revision.state() == pb::ScorecardRevision::ACTIVE)
        store::SaveRevision(tx, before.client(), domain::Retired(revision, call.now));
    }
    return store::Save(tx, activated);
  });
}

}  // namespace carillon::qa::api
