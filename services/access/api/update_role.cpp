#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/roles.hpp"
#include "access/store/audit.hpp"
#include "access/store/users.hpp"

namespace carillon::access::api {

Result<pb::Role> UpdateRole(Call& call, Deps& deps, const pb::UpdateRoleRequest& in) {
  const auto real_now = RealNow();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Role> {
    TRY(const auto before, store::LoadRole(tx, in.role().name(), store::Lock::kYes));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.role().etag()));
    auto after = before;
    TRY_VOID(Patch(in.update_mask(), in.role(), after, {"display_name", "permissions", "data_scopes"}));
    // Who may not give a role's permissions may not take them away either.
    TRY_VOID(domain::RequireGrantable(call.principal, before));
    TRY_VOID(domain::RequireGrantable(call.principal, after));
    if (!call.principal.service) {
      TRY(const auto self, store::LoadUser(tx, "users/" + call.principal.user, real_now));
      if (std::find(self.roles().begin(), self.roles().end(), before.code()) != self.roles().end())
        return errors::OwnRoles();
    }
    store::SaveRole(tx, after);
    store::Audit(tx,
                 {.action = "role.update",
                  .resource = after.name(),
                  .detail = after.code(),
                  .before = &before,
                  .after = &after},
                 real_now);
    return after;
  });
}

}  // namespace carillon::access::api
