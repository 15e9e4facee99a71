#include "campaign/api/methods.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::api {

Result<pb::Funnel> GetFunnel(Call& call, Deps& deps, const pb::GetFunnelRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Funnel> {
    TRY_VOID(store::LoadCampaign(tx, in.campaign()));
    return store::ReadFunnel(tx, in);
  });
}

}  // namespace carillon::campaign::api
