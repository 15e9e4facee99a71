#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/org_tree.hpp"
#include "access/domain/password.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "access/store/users.hpp"
#include "carillon/access/v1/access_events.pb.h"
#include "crypto/password.hpp"

namespace carillon::access::api {

Result<pb::User> ResetPassword(Call& call, Deps& deps, const pb::ResetPasswordRequest& in) {
  const auto real_now = RealNow();
  TRY(const auto seen,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadUser(tx, in.name(), real_now); }));
  TRY_VOID(domain::RequireScope(call.principal, seen.unit_path()));
  TRY_VOID(domain::CheckPassword(in.password(), seen.login(), seen.agent_number(), "password"));
  const auto hash = crypto::HashPassword(in.password());
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::User> {
    TRY(const auto before, store::LoadUser(tx, in.name(), real_now, store::Lock::kYes));
    TRY_VOID(domain::RequireScope(call.principal, before.unit_path()));
    TRY(auto user, domain::WithPassword(before, !in.permanent()));
    store::SetPassword(tx, in.name(), hash, real_now);
    store::SaveUser(tx, user);
    store::EndSessionsOf(tx, in.name(), real_now, "PASSWORD_RESET");
    store::Audit(tx, {.action = "password.reset", .resource = in.name(), .before = &before, .after = &user},
                 real_now);
    pb::UserUpdated event;
    *event.mutable_user() = domain::ForEvents(user);
    event.add_changed("password");
    pg::Announce(tx, kUsersTopic, IdOf(in.name()), event, call.now);
    return user;
  });
}

}  // namespace carillon::access::api
