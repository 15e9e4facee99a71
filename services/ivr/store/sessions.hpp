#pragma once
#include <map>
#include <set>
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
  std::string number_etag;  ///< of the number now; where the session was locked
};

/// What a call on a number runs.
struct Opening {
  bool begun = false;  ///< the call has a session
  v1::Flow flow;       ///< without its documents
  std::string number;  ///< serviceNumbers/{uuid}
  std::string number_etag;
};
/// In one round trip. NOT_FOUND NUMBER_UNKNOWN; FAILED_PRECONDITION FLOW_NOT_PUBLISHED.
Result<Opening> OpeningOf(pg::Tx& tx, const std::string& number, const std::string& call);

/// With COMMIT, inserts a session with its first step and announces it (SessionStarted, and SessionCompleted
/// when it is over; of an assistance only its end, as AssistanceCompleted). The commit is ALREADY_EXISTS
/// DUPLICATE when its call or assistance has one.
void InsertSession(pg::Tx& tx, const Course& course, const std::string& number);
/// With COMMIT, saves the turn that began at `from_version`; the session must be locked and at that version.
/// One that is over is announced as SessionCompleted, and has its whole path from then on.
void SaveSession(pg::Tx& tx, Course& course, std::int64_t from_version);
/// What turns stand on, by name: neither locked nor with the path; where the journey does not say how long
/// that is, CountPath does. Alone in its transaction, one round trip.
std::map<std::string, Stored> SessionsOf(pg::Tx& tx, const std::vector<std::string>& names);
int CountPath(pg::Tx& tx, const std::string& session);
struct Kept {
  const Course* course;
  std::int64_t from_version;
};
/// Saves turns of different sessions that go on, each if its session still stands at the version the turn
/// began at; the names of those saved. Alone in its transaction, one round trip.
std::set<std::string> SaveTurns(pg::Tx& tx, const std::vector<Kept>& turns);
/// NOT_FOUND SESSION_UNKNOWN. The path is included.
Result<Stored> LoadSession(pg::Tx& tx, const std::string& name);
/// What a turn stands on: locked, without the path. NOT_FOUND SESSION_UNKNOWN.
Result<Stored> LockSession(pg::Tx& tx, const std::string& name);
/// The same by calls/{uuid} or assistances/{uuid}.
Result<Stored> LockSessionOfCall(pg::Tx& tx, const std::string& call);
/// Neither locked nor with the path.
Result<Stored> SessionOfCall(pg::Tx& tx, const std::string& call);
/// Puts what is kept of the path before the steps that the course has.
void LoadPath(pg::Tx& tx, Course& course);

/// The active sessions that agents sent the call into, locked, without paths.
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
