#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/script.hpp"

namespace carillon::campaign::api {

Result<pb::Script> ApproveScript(Call& call, Deps& deps, const pb::ApproveScriptRequest& in) {
  return ChangeScript(
      call, deps, in,
      [](const domain::Actor& by, const pb::Script& before) { return domain::Approved(by, before); },
      [&](pg::Tx& tx, const pb::Script& after) -> Result<void> {
        if (const auto spoken = store::LockApprovedBefore(tx, after.name(), after.version()))
          store::SaveScript(tx, domain::Retired(ActorOf(call, deps), *spoken));
        store::AnnounceApproved(tx, after);
        return Ok();
      });
}

}  // namespace carillon::campaign::api
