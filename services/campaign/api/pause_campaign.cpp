#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/store/attempts.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> PauseCampaign(Call& call, Deps& deps, const pb::PauseCampaignRequest& in) {
  return Change(
      call, deps, in,
      [&](pg::Tx&, const domain::Actor& by, const pb::Campaign& before) {
        return domain::Paused(by, before, in.reason());
      },
      [](pg::Tx& tx, const pb::Campaign& after) { return store::ReleaseLeases(tx, after.name(), false); });
}

}  // namespace carillon::campaign::api
