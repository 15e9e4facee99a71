#include "access/api/handlers.hpp"
#include "access/domain/org_tree.hpp"
#include "access/domain/roles.hpp"
#include "access/store/users.hpp"

namespace carillon::access::api {

Result<pb::ResolvedDataScope> ResolveDataScope(Call& call, Deps& deps,
                                               const pb::ResolveDataScopeRequest& in) {
  const auto real_now = RealNow();
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ResolvedDataScope> {
    TRY(const auto user, store::LoadUser(tx, in.user(), real_now));
    if (in.user() != "users/" + call.principal.user)
      TRY_VOID(domain::RequireScope(call.principal, user.unit_path()));
    TRY(const auto roles, store::LoadRoles(tx, {user.roles().begin(), user.roles().end()}));
    return domain::ResolveScope(user, roles, in.data());
  });
}

}  // namespace carillon::access::api
