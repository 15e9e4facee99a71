#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> ScheduleCampaign(Call& call, Deps& deps, const pb::ScheduleCampaignRequest& in) {
  return Change(call, deps, in, [](pg::Tx& tx, const domain::Actor& by, const pb::Campaign& before) {
    const int version = before.script().empty() ? 0 : store::ApprovedVersion(tx, before.script());
    return domain::Scheduled(by, before, version);
  });
}

}  // namespace carillon::campaign::api
