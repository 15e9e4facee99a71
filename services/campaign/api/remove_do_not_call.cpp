#include "campaign/api/methods.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::DoNotCallEntry> RemoveDoNotCall(Call& call, Deps& deps, const pb::RemoveDoNotCallRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) { return store::DeleteEntry(tx, in.name()); });
}

}  // namespace carillon::campaign::api
