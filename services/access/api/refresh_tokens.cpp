#include "access/api/handlers.hpp"
#include "access/api/sessions.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "crypto/bytes.hpp"

namespace carillon::access::api {
namespace {

// The outer error rolls back; the inner one is an answer whose traces are kept.
Result<Result<OpenedSession>> Rotate(pg::Tx& tx, const Deps& deps, const RefreshToken& token,
                                     TimePoint real_now) {
  using Answer = Result<OpenedSession>;
  const auto session = store::LockSession(tx, token.session, token.Hash());
  if (!session) return Answer(errors::RefreshTokenUnknown());
  if (session->ended || session->expires <= real_now) return Answer(errors::SessionEnded());
  if (session->token_used) {
    store::EndSession(tx, session->id, real_now, "REFRESH_TOKEN_REUSED");
    store::Audit(tx, {.action = "refresh", .resource = session->user, .result = "REFRESH_TOKEN_REUSED"},
                 real_now);
    return Answer(errors::RefreshTokenReused());
  }
  TRY(const auto tenant, store::LoadTenant(tx));
  TRY(auto user, store::LoadUser(tx, session->user, real_now));
  // A lock keeps new logins out; it does not throw out who is in.
  if (user.state() != pb::User::LOCKED) TRY_VOID(domain::RequireUsable(user));
  TRY_VOID(domain::RequireOpen(tenant));
  OpenedSession out;
  out.user = std::move(user);
  out.rights = store::LoadRights(tx, session->user);
  out.refresh = {token.tenant, session->id, crypto::Base64Url(crypto::RandomBytes(32))};
  out.expires = std::min(real_now + std::chrono::seconds(deps.settings.session_idle_s),
                         session->started + std::chrono::seconds(deps.settings.session_longest_s));
  store::UseToken(tx, session->id, token.Hash(), real_now);
  store::InsertToken(tx, session->id, out.refresh.Hash(), real_now);
  store::ExtendSession(tx, session->id, out.expires);
  return Answer(std::move(out));
}

}  // namespace

Result<pb::Tokens> RefreshTokens(Call& call, Deps& deps, const pb::RefreshTokensRequest& in) {
  const bool cookie = in.refresh_token().empty();
  TRY(const auto token, ParseRefreshToken(cookie ? SessionCookie() : in.refresh_token()));
  const auto real_now = RealNow();
  TRY(const auto session, deps.db.Write(ForTenant(call, "tenants/" + token.tenant),
                                        [&](pg::Tx& tx) { return Rotate(tx, deps, token, real_now); }));
  if (!session) {
    if (cookie) DropSessionCookie();
    return session.error();
  }
  TRY(auto tokens, IssueTokens(deps, *session, real_now));
  return cookie ? InCookie(std::move(tokens), real_now) : tokens;
}

}  // namespace carillon::access::api
