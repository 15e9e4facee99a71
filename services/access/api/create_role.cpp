#include "access/api/handlers.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/roles.hpp"
#include "access/store/audit.hpp"
#include "access/store/directory.hpp"
#include "base/ids.hpp"

namespace carillon::access::api {

Result<pb::Role> CreateRole(Call& call, Deps& deps, const pb::CreateRoleRequest& in) {
  if (in.role().code().empty())
    return InvalidArgument("FIELD_INVALID", "A field is missing.", {{"role.code", "must be set"}});
  TRY_VOID(domain::RequireGrantable(call.principal, in.role()));
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Role> {
    auto role = in.role();
    role.set_name("roles/" + NewId(call.now));
    role.set_built_in(false);
    if (role.display_name().empty()) role.set_display_name(role.code());
    store::InsertRole(tx, role);
    store::Audit(tx,
                 {.action = "role.create", .resource = role.name(), .detail = role.code(), .after = &role},
                 real_now);
    return role;
  }));
}

}  // namespace carillon::access::api
