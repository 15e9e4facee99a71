#include "access/store/sessions.hpp"

#include "access/store/statements.hpp"
#include "base/ids.hpp"

namespace carillon::access::store {
namespace {}  // namespace

SessionCounts CountSessions(pg::Tx& tx, const std::string& user, TimePoint real_now) {
  tx.Exec(kSeatLock);
  const auto rows = tx.Exec(kSessionCount, pg::Time(real_now), IdOf(user));
  return {rows[0]["own"].as<int>(), rows[0]["others"].as<int>()};
}

void InsertSession(pg::Tx& tx, const Session& session) {
  tx.Exec(kSessionInsert, session.id, IdOf(session.user), pg::Time(session.started),
          pg::Time(session.expires));
}

void InsertToken(pg::Tx& tx, const std::string& session, const std::string& hash, TimePoint real_now) {
  tx.Exec(kTokenInsert, session, pg::Bytes(hash), pg::Time(real_now));
}

std::optional<Session> LockSession(pg::Tx& tx, const std::string& session, const std::string& hash) {
  const auto rows = tx.Exec(kSessionByToken, session, pg::Bytes(hash));
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  return Session{row["session_id"].as<std::string>(),
                 "users/" + row["user_id"].as<std::string>(),
                 pg::TimeOf(row["started_us"]),
                 pg::TimeOf(row["expires_us"]),
                 row["ended"].as<bool>(),
                 row["used"].as<bool>()};
}

void UseToken(pg::Tx& tx, const std::string& session, const std::string& hash, TimePoint real_now) {
  tx.Exec(kTokenUse, session, pg::Bytes(hash), pg::Time(real_now));
}

void ExtendSession(pg::Tx& tx, const std::string& session, TimePoint expires) {
  tx.Exec(kSessionExtend, session, pg::Time(expires));
}

void EndSession(pg::Tx& tx, const std::string& session, TimePoint real_now, const std::string& why) {
  tx.Exec(kSessionEnd, session, pg::Time(real_now), why);
}

void EndSessionsOf(pg::Tx& tx, const std::string& user, TimePoint real_now, const std::string& why) {
  tx.Exec(kSessionEndOfUser, IdOf(user), pg::Time(real_now), why);
}

int SweepSessions(pg::Tx& tx, TimePoint before) {
  return static_cast<int>(tx.Exec(kSessionSweep, pg::Time(before)).affected_rows());
}

}  // namespace carillon::access::store
