#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> SubmitCampaign(Call& call, Deps& deps, const pb::SubmitCampaignRequest& in) {
  return Change(call, deps, in, [](pg::Tx&, const domain::Actor& by, const pb::Campaign& before) {
    return domain::Submitted(by, before);
  });
}

}  // namespace carillon::campaign::api
