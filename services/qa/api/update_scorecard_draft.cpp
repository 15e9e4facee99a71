#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::ScorecardRevision> UpdateScorecardDraft(Call& call, Deps& deps,
                                                   const pb::UpdateScorecardDraftRequest& in) {
  TRY(const auto content, domain::Checked(in.content()));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::ScorecardRevision> {
    TRY(const auto before, store::LockScorecard(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    const auto newest = store::Revisions(tx, in.name()).front();
    const auto revised = domain::Redrafted(before, newest, content, call.principal.Name(), call.now);
    store::Save(tx, revised);
    return revised.revision;
  });
}

}  // namespace carillon::qa::api
