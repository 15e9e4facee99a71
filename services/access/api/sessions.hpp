#pragma once
#include <string>

#include "access/deps.hpp"
#include "access/store/users.hpp"
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/token.pb.h"
#include "pg/tx.hpp"

/// What login, refresh and change of password share: sessions, and the tokens that stand for them.
namespace carillon::access::api {

namespace pb = carillon::access::v1;

/// A refresh token as text: "<tenant>.<session>.<secret>". Only a hash of the secret is kept.
struct RefreshToken {
  std::string tenant, session, secret;
  std::string Text() const { return tenant + "." + session + "." + secret; }
  std::string Hash() const;
};
Result<RefreshToken> ParseRefreshToken(const std::string& text);

/// An open session on its way out of the transaction.
struct OpenedSession {
  pb::User user;
  store::Rights rights;
  RefreshToken refresh;
  TimePoint expires;
};

/// Opens a session of the user in this transaction.
OpenedSession OpenSession(pg::Tx& tx, const Deps& deps, const pb::User& user, TimePoint real_now);

/// Signs the access token. A user who must change the password gets no permissions.
Result<pb::Tokens> IssueTokens(const Deps& deps, const OpenedSession& session, TimePoint real_now);

/// The session cookie of the request in work, empty when it has none.
std::string SessionCookie();

/// Moves the refresh token out of the answer into the session cookie, which browsers send to this service's
/// gRPC paths only and show to no script.
pb::Tokens InCookie(pb::Tokens tokens, TimePoint real_now);

/// Takes the session cookie away.
void DropSessionCookie();

/// `call` in the name of a tenant, for methods that are called without a token.
Call ForTenant(Call call, const std::string& tenant_name);

/// What a wrong password does: counts, locks, audits, announces. Commits with the transaction.
void NoteWrongPassword(pg::Tx& tx, const Deps& deps, store::Account account, const std::string& action,
                       TimePoint real_now);

}  // namespace carillon::access::api
