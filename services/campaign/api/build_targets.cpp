#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Campaign> BuildTargets(Call& call, Deps& deps, const pb::BuildTargetsRequest& in) {
  return Change(
      call, deps, in,
      [](pg::Tx&, const domain::Actor& by, const pb::Campaign& before) {
        return domain::BuildAsked(by, before);
      },
      [](pg::Tx& tx, const pb::Campaign& after) {
        store::BeginBuild(tx, after);
        return Ok();
      });
}

}  // namespace carillon::campaign::api
