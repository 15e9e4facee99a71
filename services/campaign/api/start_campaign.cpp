#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> StartCampaign(Call& call, Deps& deps, const pb::StartCampaignRequest& in) {
  return Change(call, deps, in, [](pg::Tx& tx, const domain::Actor& by, const pb::Campaign& before) {
    const int version = before.script().empty() ? 0 : store::ApprovedVersion(tx, before.script());
    return domain::Started(by, before, version);
  });
}

}  // namespace carillon::campaign::api
