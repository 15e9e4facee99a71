#include "base/proto_time.hpp"
#include "customer/api/composing.hpp"
#include "customer/api/steward.hpp"
#include "customer/domain/rows.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {
namespace {

/// Rows one call takes over at most.
constexpr std::size_t kMostRows = 200;

/// A CreateCustomer may get in between: then its customer is there the next time.
template <class Fn>
auto WriteAgain(Call& call, Deps& deps, Fn fn) {
  for (int left = 3;; --left) {
    auto outcome = deps.db.Write(call, fn);
    if (outcome || outcome.error().reason != "DUPLICATE" || left == 0) return outcome;
  }
}

pb::IngestResult MalformedRow(std::int64_t line, const Error& error) {
  pb::IngestResult result;
  result.set_key("row " + std::to_string(line));
  result.set_outcome(pb::IngestResult::REJECTED);
  result.set_reason(error.reason);
  for (const auto& violation : error.violations) {
    result.add_violations(violation.field + ": " + violation.description);
  }
  return result;
}

/// The rows of a piece are taken over, good and bad, and the job goes on behind them.
Result<void> TakeRows(pg::Tx& tx, Deps& deps, pb::SyncJob& job, const domain::Rows& rows, std::size_t first) {
  const std::vector<std::string> columns(job.columns().begin(), job.columns().end());
  std::vector<pb::RawRecord> records;
  std::vector<pb::IngestResult> results(rows.cells.size() - first);
  std::vector<std::size_t> row_of;
  for (std::size_t n = first; n < rows.cells.size(); ++n) {
    auto record = domain::RecordOfRow(columns, rows.cells[n]);
    if (!record) {
      results[n - first] =
          MalformedRow(job.rows() + static_cast<std::int64_t>(n - first) + 1, record.error());
      continue;
    }
    row_of.push_back(n - first);
    records.push_back(*std::move(record));
  }
  TRY(const auto taken, IngestedAll(tx, deps, job.system(), job.client(), records));
  for (int i = 0; i < taken.results_size(); ++i)
    results[row_of[static_cast<std::size_t>(i)]] = taken.results(i);
  store::SaveResults(tx, job, job.rows(), results);
  job.set_rows(job.rows() + static_cast<std::int64_t>(results.size()));
  for (const auto& result : results) {
    switch (result.outcome()) {
      case pb::IngestResult::CREATED:
        job.set_created(job.created() + 1);
        break;
      case pb::IngestResult::UPDATED:
        job.set_updated(job.updated() + 1);
        break;
      case pb::IngestResult::UNCHANGED:
        job.set_unchanged(job.unchanged() + 1);
        break;
      default:
        job.set_rejected(job.rejected() + 1);
    }
  }
  return Ok();
}

}  // namespace

Result<pb::IngestRecordsResponse> IngestRecords(Call& call, Deps& deps, const pb::IngestRecordsRequest& in) {
  TRY(const std::string client, domain::ClientFor(call.principal, in.client()));
  const std::vector<pb::RawRecord> records(in.records().begin(), in.records().end());
  return WriteAgain(call, deps, [&](pg::Tx& tx) {
    return IngestedAll(tx, deps, IdOf(in.source_system()), client, records);
  });
}

Result<pb::SyncJob> StartSync(Call& call, Deps& deps, const pb::StartSyncRequest& in) {
  const std::vector<std::string> columns(in.columns().begin(), in.columns().end());
  if (!columns.empty()) TRY_VOID(domain::RequireColumns(columns));
  pb::SyncJob job;
  TRY(*job.mutable_client(), domain::ClientFor(call.principal, in.client()));
  job.set_name("syncJobs/" + NewId(call.now));
  job.set_system(IdOf(in.source_system()));
  job.set_file_name(in.file_name());
  *job.mutable_columns() = in.columns();
  job.set_state(pb::SyncJob::RUNNING);
  *job.mutable_start_time() = ToProto(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SyncJob> {
    if (!store::Ranks(tx).contains(job.system())) return errors::SourceSystemUnknown(in.source_system());
    store::SaveJob(tx, job);
    return job;
  });
}

Result<pb::SyncJob> UploadSyncPiece(Call& call, Deps& deps, const pb::UploadSyncPieceRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "syncJobs"));
  return WriteAgain(call, deps, [&](pg::Tx& tx) -> Result<pb::SyncJob> {
    TRY(pb::SyncJob job, store::LockJob(tx, id));
    if (in.offset() > job.offset()) return errors::OffsetAhead(job.offset());
    const auto end = in.offset() + static_cast<std::int64_t>(in.data().size());
    if (end <= job.offset() && (!in.last() || job.state() == pb::SyncJob::DONE)) return job;
    if (job.state() == pb::SyncJob::DONE) return errors::SyncDone(job.name());
    const auto skip = static_cast<std::size_t>(job.offset() - in.offset());
    const std::string_view piece = std::string_view(in.data()).substr(std::min(skip, in.data().size()));
    const auto rows = domain::RowsOf(piece, in.last(), kMostRows);
    if (rows.cells.empty() && !in.last()) return errors::RowTooLong();
    std::size_t first = 0;
    if (job.columns().empty() && !rows.cells.empty()) {
      TRY_VOID(domain::RequireColumns(rows.cells[0]));
      for (const auto& column : rows.cells[0]) job.add_columns(column);
      first = 1;
    }
    TRY_VOID(TakeRows(tx, deps, job, rows, first));
    const std::size_t taken = rows.ends.empty() ? piece.size() : rows.ends.back();
    job.set_offset(job.offset() + static_cast<std::int64_t>(taken));
    if (in.last() && taken == piece.size()) job.set_state(pb::SyncJob::DONE);
    *job.mutable_end_time() = ToProto(tx.now());
    store::SaveJob(tx, job);
    return job;
  });
}

Result<pb::SyncJob> GetSyncJob(Call& call, Deps& deps, const pb::GetSyncJobRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "syncJobs"));
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadJob(tx, id); });
}

Result<pb::ListSyncResultsResponse> ListSyncResults(Call& call, Deps& deps,
                                                    const pb::ListSyncResultsRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "syncJobs", "parent"));
  TRY(const std::string after, rpc::PageKey(in.page_token(), id));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSyncResultsResponse> {
    TRY_VOID(store::LoadJob(tx, id));
    pb::ListSyncResultsResponse out;
    const std::int64_t from = after.empty() ? 0 : std::atoll(after.c_str());
    std::int64_t last = 0;
    for (auto& [row, result] : store::Results(tx, id, from, size + 1)) {
      if (out.results_size() == size) {
        out.set_next_page_token(rpc::PageToken(std::to_string(last), id));
        break;
      }
      last = row;
      *out.add_results() = std::move(result);
    }
    return out;
  });
}

}  // namespace carillon::customer::api
