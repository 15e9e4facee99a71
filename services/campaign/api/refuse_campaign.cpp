#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> RefuseCampaign(Call& call, Deps& deps, const pb::RefuseCampaignRequest& in) {
  return Change(call, deps, in, [&](pg::Tx&, const domain::Actor& by, const pb::Campaign& before) {
    return domain::Refused(by, before, in.reason());
  });
}

}  // namespace carillon::campaign::api
