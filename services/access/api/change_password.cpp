#include "access/api/handlers.hpp"
#include "access/api/sessions.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "carillon/access/v1/access_events.pb.h"
#include "crypto/password.hpp"

namespace carillon::access::api {

Result<pb::Tokens> ChangePassword(Call& call, Deps& deps, const pb::ChangePasswordRequest& in) {
  if (call.principal.service)
    return PermissionDenied("USER_REQUIRED", "A service has no password; its secret is a setting.");
  const auto real_now = RealNow();
  const auto name = "users/" + call.principal.user;
  TRY(const auto seen,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadAccount(tx, name, real_now); }));
  if (domain::IsLocked(seen.tries, real_now)) return errors::AccountLocked(*seen.tries.locked_until);
  TRY_VOID(
      domain::CheckPassword(in.new_password(), seen.user.login(), seen.user.agent_number(), "new_password"));
  if (in.new_password() == in.old_password())
    return InvalidArgument("PASSWORD_POLICY", "The password does not meet the policy.",
                           {{"new_password", "must differ from the old one"}});
  const bool right = crypto::VerifyPassword(seen.password_hash, in.old_password());
  const auto hash = right ? crypto::HashPassword(in.new_password()) : std::string();
  TRY(const auto session, deps.db.Write(call, [&](pg::Tx& tx) -> Result<Result<OpenedSession>> {
    using Answer = Result<OpenedSession>;
    TRY(auto account, store::LoadAccount(tx, name, real_now, store::Lock::kYes));
    if (domain::IsLocked(account.tries, real_now))
      return Answer(errors::AccountLocked(*account.tries.locked_until));
    if (!right || account.password_hash != seen.password_hash) {
      NoteWrongPassword(tx, deps, std::move(account), "password.change", real_now);
      return Answer(errors::LoginFailed());
    }
    TRY_VOID(domain::RequireUsable(account.user));
    TRY(auto user, domain::WithPassword(account.user, false));
    store::SetPassword(tx, name, hash, real_now);
    store::SaveUser(tx, user);
    store::EndSessionsOf(tx, name, real_now, "PASSWORD_CHANGED");
    auto opened = OpenSession(tx, deps, user, real_now);
    store::Audit(tx, {.action = "password.change", .resource = name}, real_now);
    pb::UserUpdated event;
    *event.mutable_user() = domain::ForEvents(user);
    event.add_changed("password");
    pg::Announce(tx, kUsersTopic, call.principal.user, event, call.now);
    return Answer(std::move(opened));
  }));
  if (!session) return session.error();
  TRY(auto tokens, IssueTokens(deps, *session, real_now));
  return SessionCookie().empty() ? tokens : InCookie(std::move(tokens), real_now);
}

}  // namespace carillon::access::api
