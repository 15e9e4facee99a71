#pragma once
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "pg/tx.hpp"

/// Sessions and their refresh tokens (only hashes are kept). All times are real.
namespace carillon::access::store {

struct Session {
  std::string id;
  std::string user;  ///< users/{uuid}
  TimePoint started, expires;
  bool ended = false;
  bool token_used = false;  ///< the refresh token it was found by was used before
};

struct SessionCounts {
  int own = 0;     ///< live sessions of the user
  int others = 0;  ///< other users with a live session
};
/// Takes the tenant's seat lock first, so that two logins cannot take the last seat.
SessionCounts CountSessions(pg::Tx& tx, const std::string& user, TimePoint real_now);
void InsertSession(pg::Tx& tx, const Session& session);
void InsertToken(pg::Tx& tx, const std::string& session, const std::string& hash, TimePoint real_now);
/// The session of a refresh token, its row locked.
std::optional<Session> LockSession(pg::Tx& tx, const std::string& session, const std::string& hash);
void UseToken(pg::Tx& tx, const std::string& session, const std::string& hash, TimePoint real_now);
void ExtendSession(pg::Tx& tx, const std::string& session, TimePoint expires);
void EndSession(pg::Tx& tx, const std::string& session, TimePoint real_now, const std::string& why);
void EndSessionsOf(pg::Tx& tx, const std::string& user, TimePoint real_now, const std::string& why);
/// Of all tenants (worker): forgets sessions that expired before `before`; how many.
int SweepSessions(pg::Tx& tx, TimePoint before);

}  // namespace carillon::access::store
