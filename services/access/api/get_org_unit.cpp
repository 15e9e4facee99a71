#include "access/api/handlers.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::OrgUnit> GetOrgUnit(Call& call, Deps& deps, const pb::GetOrgUnitRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadUnit(tx, in.name()); });
}

}  // namespace carillon::access::api
