#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> GetCampaign(Call& call, Deps& deps, const pb::GetCampaignRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadCampaign(tx, in.name()); });
}

}  // namespace carillon::campaign::api
