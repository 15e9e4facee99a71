#include "base/ids.hpp"
#include "campaign/api/deps.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/script.hpp"
#include "campaign/store/scripts.hpp"

namespace carillon::campaign::api {

Result<pb::Script> CreateScript(Call& call, Deps& deps, const pb::CreateScriptRequest& in) {
  TRY(const auto client, ClientOf(call, in.script().client()));
  TRY(const auto script, domain::Created(ActorOf(call, deps), in.script(), NewId(call.now), client));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Script> {
    store::SaveScript(tx, script);
    return script;
  });
}

}  // namespace carillon::campaign::api
