#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/errors.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::Tenant> GetTenant(Call& call, Deps& deps, const pb::GetTenantRequest& in) {
  if (IdOf(in.name()) != call.principal.tenant && !call.principal.May("access.admin"))
    return errors::TenantUnknown(in.name());
  auto own = call;
  own.principal.tenant = IdOf(in.name());
  auto tenant = deps.db.Read(own, [](pg::Tx& tx) { return store::LoadTenant(tx); });
  return tenant;
}

}  // namespace carillon::access::api
