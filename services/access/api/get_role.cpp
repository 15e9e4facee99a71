#include "access/api/handlers.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::Role> GetRole(Call& call, Deps& deps, const pb::GetRoleRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadRole(tx, in.name()); });
}

}  // namespace carillon::access::api
