#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/script.hpp"

namespace carillon::campaign::api {

Result<pb::Script> RejectScript(Call& call, Deps& deps, const pb::RejectScriptRequest& in) {
  return ChangeScript(
      call, deps, in,
      [&](const domain::Actor& by, const pb::Script& before) {
        return domain::Rejected(by, before, in.reason());
      },
      [](pg::Tx&, const pb::Script&) { return Ok(); });
}

}  // namespace carillon::campaign::api
