#include "customer/store/records.hpp"

#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/errors.hpp"
#include "customer/store/customers.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::customer::store {
namespace {

pb::SourceSystem SystemFromRow(const pqxx::row& row) {
  pb::SourceSystem system;
  system.set_name(std::string("sourceSystems/") + row["code"].c_str());
  system.set_display_name(row["display_name"].c_str());
  system.set_trust_rank(row["trust_rank"].as<int>());
  if (const auto at = pg::MaybeTimeOf(row["watermark_us"])) *system.mutable_watermark() = ToProto(*at);
  if (const auto at = pg::MaybeTimeOf(row["last_sync_us"])) *system.mutable_last_sync_time() = ToProto(*at);
  return system;
}

Result<Kept> KeptFromRow(const pqxx::row& row, const Vault& vault) {
  Kept kept;
  kept.home_id = row["home"].c_str();
  kept.open = row["is_open"].as<bool>();
  const std::string name = "customers/" + kept.home_id + "/records/" + row["id"].c_str();
  TRY(const auto bytes, vault.OpenRecord(row["sealed"].c_str(), name));
  if (!kept.record.ParseFromString(bytes)) return Internal("a stored record does not read as the .proto");
  return kept;
}

/// {"records": {"client": n}, "alike": {"pattern": n}, "strangers": {…}}
nlohmann::json JsonOfPairs(const domain::PairTally& tally) {
  nlohmann::json out{{"records", tally.records}};
  for (const auto& [pattern, count] : tally.alike) out["alike"][std::to_string(pattern)] = count;
  for (const auto& [pattern, count] : tally.strangers) out["strangers"][std::to_string(pattern)] = count;
  return out;
}

domain::PairTally TallyOfPairs(const nlohmann::json& kept) {
  domain::PairTally out;
  const auto counts = [&](const char* of, std::map<domain::Pattern, double>& into) {
    if (!kept.contains(of)) return;
    for (const auto& [pattern, count] : kept.at(of).items()) into[std::stoull(pattern)] = count.get<double>();
  };
  out.records = kept.at("records").get<std::map<std::string, std::int64_t>>();
  counts("alike", out.alike);
  counts("strangers", out.strangers);
  return out;
}

/// What stands in the place of an erased customer's key: says nothing, and is found by it.
std::vector<std::string> ErasedKeys(const Vault& vault, const std::string& system, const std::string& key) {
  auto keys = vault.Tags("record " + system + " " + key);
  for (auto& one : keys) one = "erased " + one;
  return keys;
}

}  // namespace

pb::SourceSystem PutSystem(pg::Tx& tx, const pb::SourceSystem& system) {
  return SystemFromRow(
      tx.Exec(kPutSystem, IdOf(system.name()), system.display_name(), system.trust_rank())[0]);
}

std::vector<pb::SourceSystem> Systems(pg::Tx& tx) {
  std::vector<pb::SourceSystem> out;
  for (const auto& row : tx.Exec(kSystems)) out.push_back(SystemFromRow(row));
  return out;
}

domain::TrustRanks Ranks(pg::Tx& tx) {
  domain::TrustRanks ranks{{domain::kOwnSystem, 1}};
  for (const auto& system : Systems(tx)) ranks[IdOf(system.name())] = system.trust_rank();
  return ranks;
}

void NoteSync(pg::Tx& tx, const std::string& system, TimePoint newest) {
  tx.Exec(kNoteSync, system, pg::Time(newest), pg::Time(tx.now()));
}

Result<std::vector<Kept>> RecordsOf(pg::Tx& tx, const Vault& vault, const std::string& customer_id) {
  std::vector<Kept> out;
  for (const auto& row : tx.Exec(kRecordsOf, customer_id)) {
    TRY(out.emplace_back(), KeptFromRow(row, vault));
  }
  return out;
}

Result<std::map<std::string, std::vector<pb::RawRecord>>> RecordsOfAll(pg::Tx& tx, const Vault& vault,
                                                                       const std::vector<std::string>& ids) {
  std::map<std::string, std::vector<pb::RawRecord>> out;
  for (const auto& row : tx.Exec(kRecordsOfAll, pg::Array(ids))) {
    TRY(auto kept, KeptFromRow(row, vault));
    out[row["root"].c_str()].push_back(std::move(kept.record));
  }
  return out;
}

Result<std::optional<Kept>> FindRecord(pg::Tx& tx, const Vault& vault, const std::string& client,
                                       const std::string& system, const std::string& key) {
  auto keys = ErasedKeys(vault, system, key);
  keys.push_back(key);
  const auto rows = tx.Exec(kFindRecord, pg::MaybeId(client), system, pg::Array(keys));
  if (rows.empty()) return std::optional<Kept>();
  TRY(auto kept, KeptFromRow(rows[0], vault));
  return std::optional(std::move(kept));
}

void SaveRecord(pg::Tx& tx, const Vault& vault, const Kept& kept, const std::string& client) {
  const auto& record = kept.record;
  tx.Exec(kSaveRecord, LastPart(record.name()), pg::MaybeId(client), kept.home_id, record.system(),
          record.key(), vault.SealRecord(record.SerializeAsString(), record.name()),
          pg::Time(FromProto(record.observe_time())), pg::Time(FromProto(record.receive_time())), kept.open);
}

void EraseRecord(pg::Tx& tx, const Vault& vault, const Kept& kept) {
  pb::RawRecord empty;
  empty.set_name(kept.record.name());
  empty.set_system(kept.record.system());
  empty.mutable_observe_time();
  tx.Exec(kEraseRecord, LastPart(empty.name()),
          ErasedKeys(vault, kept.record.system(), kept.record.key()).front(),
          vault.SealRecord(empty.SerializeAsString(), empty.name()));
}

void CloseEdits(pg::Tx& tx, const std::vector<std::string>& customer_ids) {
  tx.Exec(kCloseEdits, pg::Array(customer_ids));
}

bool IsComposed(pg::Tx& tx, const std::string& customer_id) {
  const auto rows = tx.Exec(kLock, customer_id);
  return !rows.empty() && rows[0]["composed"].as<bool>();
}

void SetComposed(pg::Tx& tx, const std::string& customer_id) { tx.Exec(kSetComposed, customer_id); }

void SaveMerge(pg::Tx& tx, const std::string& merge_id, const pb::Customer& gone,
               const std::string& survivor_id, const std::string& reason, const std::string& by) {
  tx.Exec(kSaveMerge, merge_id, pg::MaybeId(gone.client()), IdOf(gone.name()), survivor_id,
          pb::Customer::State_Name(gone.state()), reason, by, pg::Time(tx.now()));
}

std::optional<std::pair<pb::Customer::State, TimePoint>> OpenMerge(pg::Tx& tx,
                                                                   const std::string& customer_id) {
  const auto rows = tx.Exec(kOpenMerge, customer_id);
  if (rows.empty()) return std::nullopt;
  pb::Customer::State state = pb::Customer::PROSPECT;
  pb::Customer::State_Parse(rows[0]["state_before"].c_str(), &state);
  return std::pair(state, pg::TimeOf(rows[0]["merged_us"]));
}

void UndoMerge(pg::Tx& tx, const std::string& customer_id, const std::string& by) {
  tx.Exec(kUndoMerge, customer_id, by, pg::Time(tx.now()));
}

void Detach(pg::Tx& tx, const pb::Customer& customer) {
  tx.Exec(kDetach, IdOf(customer.name()), pb::Customer::State_Name(customer.state()));
}

void MoveAlong(pg::Tx& tx, const pb::Customer& from, const pb::Customer& to) {
  tx.Exec(kMoveAlerts, IdOf(from.name()), IdOf(to.name()));
  for (const auto& contact : LastContacts(tx, IdOf(from.name()))) NoteContact(tx, to, contact);
}

void ReturnAlerts(pg::Tx& tx, const std::string& customer_id) { tx.Exec(kReturnAlerts, customer_id); }

bool SaveCase(pg::Tx& tx, const pb::MergeCase& one, const std::string& client) {
  return tx.Exec(kSaveCase, IdOf(one.name()), pg::MaybeId(client), IdOf(one.customers(0)),
                 IdOf(one.customers(1)), pb::MergeCase::State_Name(one.state()), pg::JsonOf(one))
             .affected_rows() > 0;
}

void UpdateCase(pg::Tx& tx, const pb::MergeCase& one) {
  tx.Exec(kUpdateCase, IdOf(one.name()), pb::MergeCase::State_Name(one.state()), pg::JsonOf(one));
}

Result<pb::MergeCase> LockCase(pg::Tx& tx, const std::string& id) {
  const auto rows = tx.Exec(kLockCase, id);
  if (rows.empty()) return errors::MergeCaseUnknown("mergeCases/" + id);
  return pg::OfJson<pb::MergeCase>(rows[0]["body"]);
}

std::vector<pb::MergeCase> ListCases(pg::Tx& tx, pb::MergeCase::State state, std::string_view after,
                                     int limit) {
  std::vector<pb::MergeCase> out;
  for (const auto& row : tx.Exec(kListCases, pb::MergeCase::State_Name(state), AfterOf(after), limit)) {
    out.push_back(pg::OfJson<pb::MergeCase>(row["body"]));
  }
  return out;
}

Judging HowToJudge(pg::Tx& tx) {
  Judging out;
  const auto rows = tx.Exec(kJudging);
  if (!rows[0]["policy"].is_null()) out.policy = pg::OfJson<pb::MatchPolicy>(rows[0]["policy"]);
  if (!rows[0]["model"].is_null()) out.model = pg::OfJson<pb::MatchModel>(rows[0]["model"]);
  return out;
}

std::optional<Sweep> LockSweep(pg::Tx& tx) {
  const auto rows = tx.Exec(kLockSweep);
  if (rows.empty()) return std::nullopt;
  const auto seen = nlohmann::json::parse(rows[0]["seen"].c_str());
  return Sweep{pg::OfJson<pb::MatchModel>(rows[0]["body"]), rows[0]["after"].c_str(),
               TallyOfPairs(seen.at("people")), TallyOfPairs(seen.at("organisations"))};
}

void SaveSweep(pg::Tx& tx, const Sweep& sweep) {
  const nlohmann::json seen{{"people", JsonOfPairs(sweep.people)},
                            {"organisations", JsonOfPairs(sweep.organisations)}};
  tx.Exec(kSaveSweep, pg::Time(FromProto(sweep.model.start_time())),
          sweep.model.state() == pb::MatchModel::DONE, AfterOf(sweep.after), seen.dump(),
          pg::JsonOf(sweep.model));
}

std::vector<std::string> TenantsToLearn(pg::Tx& tx, TimePoint before) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kTenantsDue, pg::Time(before), "LEARN"))
    out.emplace_back(row["tenant"].c_str());
  return out;
}

void SavePolicy(pg::Tx& tx, const pb::MatchPolicy& policy) { tx.Exec(kSavePolicy, pg::JsonOf(policy)); }

void SaveJob(pg::Tx& tx, const pb::SyncJob& job) {
  tx.Exec(kSaveJob, IdOf(job.name()), pg::MaybeId(job.client()), pg::Time(FromProto(job.start_time())),
          pg::JsonOf(job));
}

Result<pb::SyncJob> LoadJob(pg::Tx& tx, const std::string& id) {
  const auto rows = tx.Exec(kLoadJob, id);
  if (rows.empty()) return errors::SyncJobUnknown("syncJobs/" + id);
  return pg::OfJson<pb::SyncJob>(rows[0]["body"]);
}

Result<pb::SyncJob> LockJob(pg::Tx& tx, const std::string& id) {
  const auto rows = tx.Exec(kLockJob, id);
  if (rows.empty()) return errors::SyncJobUnknown("syncJobs/" + id);
  return pg::OfJson<pb::SyncJob>(rows[0]["body"]);
}

void SaveResults(pg::Tx& tx, const pb::SyncJob& job, std::int64_t rows_before,
                 const std::vector<pb::IngestResult>& results) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& result : results) rows.push_back(nlohmann::json::parse(pg::JsonOf(result)));
  tx.Exec(kSaveResults, IdOf(job.name()), pg::MaybeId(job.client()), rows_before, rows.dump());
}

std::vector<std::pair<std::int64_t, pb::IngestResult>> Results(pg::Tx& tx, const std::string& job_id,
                                                               std::int64_t after, int limit) {
  std::vector<std::pair<std::int64_t, pb::IngestResult>> out;
  for (const auto& row : tx.Exec(kListResults, job_id, after, limit)) {
    out.emplace_back(row["row_number"].as<std::int64_t>(), pg::OfJson<pb::IngestResult>(row["body"]));
  }
  return out;
}

}  // namespace carillon::customer::store
