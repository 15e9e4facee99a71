#include "campaign/api/change.hpp"
#include "campaign/api/criteria.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> UpdateCampaign(Call& call, Deps& deps, const pb::UpdateCampaignRequest& in) {
  TRY_VOID(RequireKnownGrades(in.campaign()));
  return CodeTaken(in.campaign(), deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Campaign> {
    TRY(const auto before, store::LockCampaign(tx, in.campaign().name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.campaign().etag()));
    pb::Campaign wish = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.campaign(), wish));
    TRY(const auto after, domain::Updated(ActorOf(call, deps), before, wish));
    if (after.etag() != before.etag()) TRY_VOID(store::ChangeCampaign(tx, after));
    return after;
  }));
}

}  // namespace carillon::campaign::api
