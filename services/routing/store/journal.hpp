#pragma once
#include <carillon/routing/v1/journal.pb.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pg/pool.hpp"
#include "routing/domain/engine.hpp"

/// The journal of one tenant's shard: who may write it, what is in it, and the tables that are written with
/// it.
namespace carillon::routing::store {

namespace pb = carillon::routing::v1;

/// The right to append, until somebody else takes it.
struct Lease {
  std::int64_t epoch = 0;
  TimePoint business;  ///< business time up to which the former writer was alive
};

struct JournalRow {
  std::int64_t seq;
  TimePoint at;
  std::int64_t rule_version;
  std::string command;
  pb::Transitions records;
};

/// The answer that a request_id got.
struct Reply {
  std::string principal, method, request_id, request_hash, response;
  TimePoint at;  ///< real time
};

/// Who has the lease: "instance@host:port", or nobody.
struct Holder {
  std::string name;
  bool gone;  ///< it has not been renewed for long
};

/// How far a reader of the journal came.
struct Position {
  std::int64_t seq = 0;
  TimePoint at{};       ///< business time of that row
  TimePoint replies{};  ///< of the newest answer read
};

/// What one transaction writes: the rows of many commands, and all that follows from them.
struct Batch {
  std::int64_t epoch = 0;
  TimePoint now;
  bool renew = false;  ///< the lease, too
  std::vector<JournalRow> rows;
  std::vector<Reply> replies;
  std::vector<std::pair<domain::Event, TimePoint>> events;
  std::vector<domain::Task> tasks;
  std::vector<std::shared_ptr<const type::v1::AuditEntry>>
      audits;  ///< of what users did, and of canaries that were taken back
};

/// Who holds the lease; waits for nobody.
Holder HolderOf(pg::Tx& tx, std::chrono::milliseconds stale);
/// Takes the lease: at once when it is free, its holder is `holder` itself (an earlier life of this process),
/// or it was not renewed for `stale`. UNAVAILABLE SHARD_HELD otherwise. The former writer's appends fail from
/// then on, and what it had still to tell telephony is anybody's.
Result<Lease> TakeLease(pg::Tx& tx, const std::string& holder, std::chrono::milliseconds stale);
/// ABORTED SHARD_FENCED when another has the lease.
Result<void> RenewLease(pg::Tx& tx, std::int64_t epoch, TimePoint business);
void GiveUpLease(pg::Tx& tx, std::int64_t epoch, TimePoint business);

/// Makes the partitions of the month, when they are missing.
void EnsureMonth(pg::Tx& tx, TimePoint now);
/// All of the batch or nothing. ABORTED SHARD_FENCED when another has the lease.
Result<void> Append(pg::Tx& tx, const Batch& batch);

void SaveSnapshot(pg::Tx& tx, std::int64_t seq, TimePoint at, const pb::Transitions& state);

/// Reads what was written after `at` into `engine` and moves `at`; at the beginning the last snapshot first.
/// The engine is to be settled before it is used. DATA_LOSS JOURNAL_GAP when a number is missing (for who
/// reads on: a snapshot took its place, begin anew), FAILED_PRECONDITION JOURNAL_FORMAT when a later build
/// wrote it.
Result<void> ReadOn(pg::Tx& tx, domain::Engine& engine, Position& at);
/// The answers of the last 24 hours that may be newer than `at`, oldest first; those of `overlap` before it
/// again, the longest that a transaction takes.
std::vector<Reply> RepliesAfter(pg::Tx& tx, Position& at, std::chrono::milliseconds overlap);
/// As it was kept. NOT_FOUND REPLY_UNKNOWN.
Result<std::string> AnswerTo(pg::Tx& tx, const std::string& principal, const std::string& method,
                             const std::string& request_id);
/// Tenants that have a shard; needs the worker's pool.
std::vector<std::string> ShardTenants(pg::Tx& tx);

}  // namespace carillon::routing::store
