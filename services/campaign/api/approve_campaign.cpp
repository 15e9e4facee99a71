#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> ApproveCampaign(Call& call, Deps& deps, const pb::ApproveCampaignRequest& in) {
  return Change(call, deps, in, [](pg::Tx&, const domain::Actor& by, const pb::Campaign& before) {
    return domain::Approved(by, before);
  });
}

}  // namespace carillon::campaign::api
