#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"

namespace carillon::campaign::api {

Result<pb::Script> GetScript(Call& call, Deps& deps, const pb::GetScriptRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadScript(tx, in.name(), in.version()); });
}

}  // namespace carillon::campaign::api
