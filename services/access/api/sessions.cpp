#include "access/api/sessions.hpp"

#include <algorithm>

#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/access/v1/access_events.pb.h"
#include "crypto/bytes.hpp"
#include "crypto/digest.hpp"
#include "rpc/headers.hpp"

namespace carillon::access::api {
namespace {

constexpr const char* kCookie = "__Secure-carillon-session";
constexpr const char* kCookieRules =
    "; Path=/carillon.access.v1.AccessService/; HttpOnly; Secure; SameSite=Strict";

}  // namespace

std::string RefreshToken::Hash() const { return crypto::Sha256(secret); }

Result<RefreshToken> ParseRefreshToken(const std::string& text) {
  const auto first = text.find('.');
  const auto second = first == std::string::npos ? first : text.find('.', first + 1);
  if (second == std::string::npos) return errors::RefreshTokenUnknown();
  RefreshToken token{text.substr(0, first), text.substr(first + 1, second - first - 1),
                     text.substr(second + 1)};
  if (!IsUuid(token.tenant) || !IsUuid(token.session) || token.secret.empty())
    return errors::RefreshTokenUnknown();
  return token;
}

OpenedSession OpenSession(pg::Tx& tx, const Deps& deps, const pb::User& user, TimePoint real_now) {
  OpenedSession out;
  out.user = user;
  out.rights = store::LoadRights(tx, user.name());
  out.refresh = {tx.call().principal.tenant, NewId(real_now), crypto::Base64Url(crypto::RandomBytes(32))};
  out.expires = real_now +
                std::chrono::seconds(std::min(deps.settings.session_idle_s, deps.settings.session_longest_s));
  store::InsertSession(tx, {out.refresh.session, user.name(), real_now, out.expires});
  store::InsertToken(tx, out.refresh.session, out.refresh.Hash(), real_now);
  return out;
}

Result<pb::Tokens> IssueTokens(const Deps& deps, const OpenedSession& session, TimePoint real_now) {
  crypto::Claims claims;
  claims.issuer = deps.issuer;
  claims.audience = kAudience;
  claims.subject = IdOf(session.user.name());
  claims.tenant = session.refresh.tenant;
  claims.clients = session.rights.clients;
  claims.unit = session.user.unit_path();
  if (!session.user.must_change_password()) claims.permissions = session.rights.permissions;
  claims.issued = std::chrono::floor<std::chrono::seconds>(real_now);
  claims.expires = claims.issued + std::chrono::seconds(deps.settings.token_s);
  claims.id = NewId(real_now);
  pb::Tokens out;
  TRY(*out.mutable_access_token(), deps.keys.Sign(claims, real_now));
  out.set_refresh_token(session.refresh.Text());
  out.set_token_type("Bearer");
  *out.mutable_expire_time() = ToProto(claims.expires);
  *out.mutable_refresh_expire_time() = ToProto(session.expires);
  *out.mutable_user() = session.user;
  out.set_must_change_password(session.user.must_change_password());
  return out;
}

std::string SessionCookie() { return rpc::RequestCookie(kCookie); }

pb::Tokens InCookie(pb::Tokens tokens, TimePoint real_now) {
  const auto life = FromProto(tokens.refresh_expire_time()) - real_now;
  const auto seconds = std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(life).count());
  rpc::AddAnswerHeader("set-cookie", kCookie + ("=" + tokens.refresh_token()) + kCookieRules +
                                         "; Max-Age=" + std::to_string(seconds));
  tokens.clear_refresh_token();
  return tokens;
}

void DropSessionCookie() {
  rpc::AddAnswerHeader("set-cookie", std::string(kCookie) + "=" + kCookieRules + "; Max-Age=0");
}

Call ForTenant(Call call, const std::string& tenant_name) {
  call.principal = Principal{};
  call.principal.tenant = IdOf(tenant_name);
  return call;
}

void NoteWrongPassword(pg::Tx& tx, const Deps& deps, store::Account account, const std::string& action,
                       TimePoint real_now) {
  const domain::LockPolicy policy{deps.settings.lock_tries, std::chrono::seconds(deps.settings.lock_s)};
  const auto tries = domain::AfterWrongPassword(account.tries, real_now, policy);
  auto& user = account.user;
  store::NoteTries(tx, user.name(), tries);
  const bool locked = domain::IsLocked(tries, real_now);
  if (locked) {
    if (user.state() == pb::User::ACTIVE) user.set_state(pb::User::LOCKED);
    *user.mutable_lock_end_time() = ToProto(*tries.locked_until);
  }
  store::Audit(tx,
               {.action = action,
                .resource = user.name(),
                .result = locked ? "ACCOUNT_LOCKED" : "LOGIN_FAILED",
                .detail = "failures " + std::to_string(tries.failures),
                .subject = user.name()},
               real_now);
  const auto key = IdOf(user.name());
  pb::LoginFailed failed;
  *failed.mutable_user() = domain::ForEvents(user);
  failed.set_failures(tries.failures);
  pg::Announce(tx, kUsersTopic, key, failed, tx.now());
  if (locked) {
    pb::AccountLocked event;
    *event.mutable_user() = domain::ForEvents(user);
    pg::Announce(tx, kUsersTopic, key, event, tx.now());
  }
}

}  // namespace carillon::access::api
