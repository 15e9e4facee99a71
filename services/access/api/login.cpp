#include "access/api/handlers.hpp"
#include "access/api/sessions.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "base/proto_time.hpp"
#include "carillon/access/v1/access_events.pb.h"
#include "crypto/password.hpp"

namespace carillon::access::api {
namespace {

struct LoginAttempt {
  const pb::LoginRequest& in;
  const Deps& deps;
  TimePoint real_now;
  pb::Tenant tenant;
  std::string hash_compared;  ///< the stored hash the password was compared with
  bool right = false;
  std::string fresh_hash;  ///< at today's cost, when the stored one is outdated
};

Result<void> RequireSeat(pg::Tx& tx, const LoginAttempt& attempt, const pb::User& user) {
  if (attempt.tenant.seat_quota() == 0 && !attempt.tenant.single_session()) return Ok();
  const auto counts = store::CountSessions(tx, user.name(), attempt.real_now);
  if (attempt.tenant.single_session() && counts.own > 0) {
    if (!attempt.in.replace_session()) return errors::SessionExists();
    store::EndSessionsOf(tx, user.name(), attempt.real_now, "REPLACED");
  }
  if (attempt.tenant.seat_quota() > 0 && counts.others >= attempt.tenant.seat_quota())
    return errors::SeatQuota(attempt.tenant.seat_quota());
  return Ok();
}

// The outer error rolls back; the inner one is an answer whose traces (tries, audit, events) are kept.
Result<Result<OpenedSession>> Settle(pg::Tx& tx, const LoginAttempt& attempt, const std::string& user_name) {
  TRY(auto account, store::LoadAccount(tx, user_name, attempt.real_now, store::Lock::kYes));
  if (domain::IsLocked(account.tries, attempt.real_now))
    return Result<OpenedSession>(errors::AccountLocked(*account.tries.locked_until));
  // Changed while we compared: as wrong as any other.
  if (!attempt.right || account.password_hash != attempt.hash_compared) {
    NoteWrongPassword(tx, attempt.deps, std::move(account), "login", attempt.real_now);
    return Result<OpenedSession>(errors::LoginFailed());
  }
  auto& user = account.user;
  TRY_VOID(domain::RequireOpen(attempt.tenant));
  TRY_VOID(domain::RequireUsable(user));
  TRY_VOID(RequireSeat(tx, attempt, user));
  const auto oldest = attempt.real_now - std::chrono::days(attempt.deps.settings.password_days);
  if (attempt.deps.settings.password_days > 0 && account.password_changed &&
      *account.password_changed < oldest)
    user.set_must_change_password(true);
  store::NoteLogin(tx, user.name(), attempt.real_now, attempt.fresh_hash);
  *user.mutable_last_login_time() = ToProto(attempt.real_now);
  user.clear_lock_end_time();
  auto session = OpenSession(tx, attempt.deps, user, attempt.real_now);
  store::Audit(tx, {.action = "login", .resource = user.name(), .subject = user.name()}, attempt.real_now);
  pb::LoginSucceeded event;
  *event.mutable_user() = domain::ForEvents(user);
  event.set_session(session.refresh.session);
  pg::Announce(tx, kUsersTopic, user.name().substr(6), event, tx.now());
  return Result<OpenedSession>(std::move(session));
}

}  // namespace

Result<pb::Tokens> Login(Call& call, Deps& deps, const pb::LoginRequest& in) {
  LoginAttempt attempt{
      .in = in, .deps = deps, .real_now = RealNow(), .tenant = {}, .hash_compared = {}, .fresh_hash = {}};
  TRY(const auto tenant, deps.worker_db.Read(call, [&](pg::Tx& tx) -> Result<std::optional<pb::Tenant>> {
    return store::FindTenant(tx, in.tenant());
  }));
  std::optional<store::Account> account;
  auto own = call;
  if (tenant) {
    attempt.tenant = *tenant;
    own = ForTenant(call, tenant->name());
    TRY(account, deps.db.Read(own, [&](pg::Tx& tx) -> Result<std::optional<store::Account>> {
      return store::FindAccount(tx, in.login(), attempt.real_now);
    }));
  }
  if (account && domain::IsLocked(account->tries, attempt.real_now))
    return errors::AccountLocked(*account->tries.locked_until);
  // Outside any transaction: it costs tens of milliseconds. An unknown user costs the same.
  if (account) attempt.hash_compared = account->password_hash;
  attempt.right = crypto::VerifyPassword(attempt.hash_compared, in.password());
  if (!account) return errors::LoginFailed();
  if (attempt.right && crypto::IsOutdated(attempt.hash_compared))
    attempt.fresh_hash = crypto::HashPassword(in.password());
  TRY(const auto session,
      deps.db.Write(own, [&](pg::Tx& tx) { return Settle(tx, attempt, account->user.name()); }));
  if (!session) return session.error();
  TRY(auto tokens, IssueTokens(deps, *session, attempt.real_now));
  return in.session_cookie() ? InCookie(std::move(tokens), attempt.real_now) : tokens;
}

}  // namespace carillon::access::api
