#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/customer/v1/record.pb.h"
#include "customer/domain/matching.hpp"
#include "customer/domain/records.hpp"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// What sources said, who was merged with whom, cases, files, in PostgreSQL. Every function runs in the
/// transaction it is given.
namespace carillon::customer::store {

pb::SourceSystem PutSystem(pg::Tx& tx, const pb::SourceSystem& system);
std::vector<pb::SourceSystem> Systems(pg::Tx& tx);
/// Of every system that is known; people's own word ranks 1 unless it was set otherwise.
domain::TrustRanks Ranks(pg::Tx& tx);
void NoteSync(pg::Tx& tx, const std::string& system, TimePoint newest);

/// A record and where it stands.
struct Kept {
  pb::RawRecord record;
  std::string home_id;  ///< the customer it was first of
  bool open = false;    ///< people's edits that more may be added to
};
/// Of a customer and all who went into it.
Result<std::vector<Kept>> RecordsOf(pg::Tx& tx, const Vault& vault, const std::string& customer_id);
/// By the id of the customer whose they are now.
Result<std::map<std::string, std::vector<pb::RawRecord>>> RecordsOfAll(pg::Tx& tx, const Vault& vault,
                                                                       const std::vector<std::string>& ids);
Result<std::optional<Kept>> FindRecord(pg::Tx& tx, const Vault& vault, const std::string& client,
                                       const std::string& system, const std::string& key);
/// The record's name must be customers/{home}/records/{uuid}.
void SaveRecord(pg::Tx& tx, const Vault& vault, const Kept& kept, const std::string& client);
/// Nothing is left of it but that its source's key belonged to an erased customer.
void EraseRecord(pg::Tx& tx, const Vault& vault, const Kept& kept);
/// From now on edits begin a record of their own.
void CloseEdits(pg::Tx& tx, const std::vector<std::string>& customer_ids);
/// Whether a customer's values are made of records; locks its row.
bool IsComposed(pg::Tx& tx, const std::string& customer_id);
void SetComposed(pg::Tx& tx, const std::string& customer_id);

void SaveMerge(pg::Tx& tx, const std::string& merge_id, const pb::Customer& gone,
               const std::string& survivor_id, const std::string& reason, const std::string& by);
/// State before and when; nothing when the customer is in no merge.
std::optional<std::pair<pb::Customer::State, TimePoint>> OpenMerge(pg::Tx& tx,
                                                                   const std::string& customer_id);
void UndoMerge(pg::Tx& tx, const std::string& customer_id, const std::string& by);
/// The customer stands by itself again, in its state; its values are still to be made.
void Detach(pg::Tx& tx, const pb::Customer& customer);
/// Alerts and last contacts go along; alerts come back.
void MoveAlong(pg::Tx& tx, const pb::Customer& from, const pb::Customer& to);
void ReturnAlerts(pg::Tx& tx, const std::string& customer_id);

/// False, and nothing happens, when the pair has a case already.
bool SaveCase(pg::Tx& tx, const pb::MergeCase& one, const std::string& client);
void UpdateCase(pg::Tx& tx, const pb::MergeCase& one);
/// MERGE_CASE_UNKNOWN.
Result<pb::MergeCase> LockCase(pg::Tx& tx, const std::string& id);
std::vector<pb::MergeCase> ListCases(pg::Tx& tx, pb::MergeCase::State state, std::string_view after,
                                     int limit);

/// How pairs are judged: rules (none where the tenant set none) and what was learnt.
struct Judging {
  pb::MatchPolicy policy;
  pb::MatchModel model;
};
Judging HowToJudge(pg::Tx& tx);
void SavePolicy(pg::Tx& tx, const pb::MatchPolicy& policy);

/// A sweep over all customers of the tenant that learns weights: where it is and what it has counted.
struct Sweep {
  pb::MatchModel model;
  std::string after;  ///< id of the customer it came to last
  domain::PairTally people, organisations;
};
/// The tenant's, locked; nothing when none was ever begun.
std::optional<Sweep> LockSweep(pg::Tx& tx);
void SaveSweep(pg::Tx& tx, const Sweep& sweep);
/// Tenants with customers whose last sweep began before `before`, for the worker role.
std::vector<std::string> TenantsToLearn(pg::Tx& tx, TimePoint before);

void SaveJob(pg::Tx& tx, const pb::SyncJob& job);
/// SYNC_JOB_UNKNOWN.
Result<pb::SyncJob> LoadJob(pg::Tx& tx, const std::string& id);
Result<pb::SyncJob> LockJob(pg::Tx& tx, const std::string& id);
/// `rows_before`: how many rows of the job have a result already.
void SaveResults(pg::Tx& tx, const pb::SyncJob& job, std::int64_t rows_before,
                 const std::vector<pb::IngestResult>& results);
std::vector<std::pair<std::int64_t, pb::IngestResult>> Results(pg::Tx& tx, const std::string& job_id,
                                                               std::int64_t after, int limit);

}  // namespace carillon::customer::store
