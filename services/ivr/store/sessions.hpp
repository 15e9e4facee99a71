#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "carillon/ivr/v1/session_service.pb.h"
#include "ivr/domain/journey.hpp"
#include "pg/tx.hpp"

/// Callers in flows. The state, the step that answers the switch and the event are written by one
/// transaction.
namespace carillon::ivr::store {

inline constexpr std::string_view kSessionsTopic = "carillon.ivr.sessions.v1";

struct Stored {
  Course course;
  std::string number;       ///< serviceNumbers/{uuid}
  std::string number_etag;  ///< of the number now; by LoadSession alone
};

/// Inserts a session with its first step and announces it (SessionStarted, and SessionCompleted when it is
/// over; of an assistance only its end, as AssistanceCompleted); false when its call or assistance has one.
bool InsertSession(pg::Tx& tx, const Course& course, const std::string& number);
/// Saves the turn that began at `from_version`; false when another was quicker or the session is over.
/// `path_before` is the length of the path the turn began with. Announces SessionCompleted when it is over.
bool SaveSession(pg::Tx& tx, const Course& course, std::int64_t from_version, int path_before);
/// NOT_FOUND SESSION_UNKNOWN. The path is included.
Result<Stored> LoadSession(pg::Tx& tx, const std::string& name);
/// As LoadSession, by calls/{uuid} or assistances/{uuid}; locked when `lock`.
Result<Stored> SessionOfCall(pg::Tx& tx, const std::string& call, bool lock);

/// The active sessions that agents sent the call into, locked.
std::vector<Stored> LockAssistedOfCall(pg::Tx& tx, const std::string& call);

struct Listed {
  std::vector<v1::Session> sessions;  ///< without paths
  std::string next;                   ///< key of the next page
};
Result<Listed> ListSessions(pg::Tx& tx, const v1::ListSessionsRequest& in, const std::string& after,
                            int limit);

/// As the worker: empties calling numbers of sessions that began before.
void ForgetNumbers(pg::Tx& tx, TimePoint before);
/// As the worker: takes away the paths of months that ended so many months ago.
void ForgetPaths(pg::Tx& tx, TimePoint now, int months);
/// As the worker: (tenant, calls/{uuid}) of sessions still active that began before.
std::vector<std::pair<std::string, std::string>> LeftBehind(pg::Tx& tx, TimePoint before);
/// As the worker: sessions that are not over.
std::int64_t CountActive(pg::Tx& tx);

}  // namespace carillon::ivr::store
