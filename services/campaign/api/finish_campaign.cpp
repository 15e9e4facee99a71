#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/store/attempts.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> FinishCampaign(Call& call, Deps& deps, const pb::FinishCampaignRequest& in) {
  return Change(
      call, deps, in,
      [](pg::Tx&, const domain::Actor& by, const pb::Campaign& before) {
        return domain::Finished(by, before);
      },
      [](pg::Tx& tx, const pb::Campaign& after) { return store::ReleaseLeases(tx, after.name(), true); });
}

}  // namespace carillon::campaign::api
