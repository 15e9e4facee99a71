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
};

/// What one transaction writes: the rows of many commands, and all that follows from them.
struct Batch {
  std::int64_t epoch = 0;
  TimePoint now;
  std::vector<JournalRow> rows;
  std::vector<Reply> replies;
  std::vector<std::pair<domain::Event, TimePoint>> events;
  std::vector<domain::Task> tasks;
  std::vector<std::shared_ptr<const type::v1::AuditEntry>> audits;  ///< of the commands that users gave
};

/// Takes the lease: at once when it is free, its holder is `holder` itself (an earlier life of this process),
/// or it was not renewed for `stale`. UNAVAILABLE SHARD_HELD otherwise. The former writer's appends fail from
/// then on.
Result<Lease> TakeLease(pg::Tx& tx, const std::string& holder, std::chrono::milliseconds stale);
/// ABORTED SHARD_FENCED when another has the lease.
Result<void> RenewLease(pg::Tx& tx, std::int64_t epoch, TimePoint business);
void GiveUpLease(pg::Tx& tx, std::int64_t epoch, TimePoint business);

/// Makes the partitions of the month, when they are missing.
void EnsureMonth(pg::Tx& tx, TimePoint now);
/// All of the batch or nothing. ABORTED SHARD_FENCED when another has the lease.
Result<void> Append(pg::Tx& tx, const Batch& batch);

void SaveSnapshot(pg::Tx& tx, std::int64_t seq, TimePoint at, const pb::Transitions& state);

/// Reads the last snapshot and all after it into `engine`, settles it, and gives the last sequence number.
/// DATA_LOSS JOURNAL_GAP when a number is missing, FAILED_PRECONDITION JOURNAL_FORMAT when a later build
/// wrote it.
Result<std::int64_t> LoadEngine(pg::Tx& tx, domain::Engine& engine);
/// The replies of the last 24 hours.
std::vector<Reply> RecentReplies(pg::Tx& tx);
/// Tenants that have a shard; needs the worker's pool.
std::vector<std::string> ShardTenants(pg::Tx& tx);

}  // namespace carillon::routing::store
