#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/script.hpp"

namespace carillon::campaign::api {

Result<pb::Script> SubmitScript(Call& call, Deps& deps, const pb::SubmitScriptRequest& in) {
  return ChangeScript(
      call, deps, in,
      [](const domain::Actor& by, const pb::Script& before) { return domain::Submitted(by, before); },
      [](pg::Tx&, const pb::Script&) { return Ok(); });
}

}  // namespace carillon::campaign::api
