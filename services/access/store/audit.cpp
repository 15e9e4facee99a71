#include "access/store/audit.hpp"

#include <google/protobuf/util/json_util.h>

#include "access/store/statements.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "crypto/digest.hpp"
#include "pg/message.hpp"

namespace carillon::access::store {
namespace {

std::string HashOf(const google::protobuf::Message* message) {
  return message == nullptr ? std::string() : Hex(crypto::Sha256(message->SerializeAsString()));
}

std::string Subject(const Principal& who) {
  if (who.user.empty() || who.service) return who.user;
  return "users/" + who.user;
}

pb::AuditRecord RecordOf(const pqxx::row& row) {
  pb::AuditRecord out;
  out.set_name("auditRecords/" + row["record_id"].as<std::string>());
  out.set_subject(row["subject"].as<std::string>());
  out.set_action(row["action"].as<std::string>());
  out.set_resource(row["resource"].as<std::string>());
  out.set_result(row["result"].as<std::string>());
  out.set_detail(row["detail"].as<std::string>());
  out.set_before_hash(row["before_hash"].as<std::string>());
  out.set_after_hash(row["after_hash"].as<std::string>());
  *out.mutable_occur_time() = ToProto(pg::TimeOf(row["occurred_us"]));
  *out.mutable_record_time() = ToProto(pg::TimeOf(row["recorded_us"]));
  for (auto& name : pg::ArrayOf(row["resources"])) out.add_resources(std::move(name));
  for (auto& field : pg::ArrayOf(row["shown_fields"])) out.add_shown_fields(std::move(field));
  out.set_client(row["client"].as<std::string>());
  out.set_service(row["service"].as<std::string>());
  out.set_request_id(row["request_id"].as<std::string>());
  out.set_request_hash(row["request_hash"].as<std::string>());
  out.set_address(row["address"].as<std::string>());
  out.set_token_id(row["token_id"].as<std::string>());
  out.set_sequence(row["sequence"].as<std::int64_t>());
  out.set_previous_hash(row["previous_hash"].as<std::string>());
  out.set_hash(row["hash"].as<std::string>());
  *out.mutable_chain_time() = ToProto(pg::TimeOf(row["chained_us"]));
  return out;
}

std::vector<pb::AuditRecord> RecordsOf(const pqxx::result& rows) {
  std::vector<pb::AuditRecord> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back(RecordOf(row));
  return out;
}

}  // namespace

void Audit(pg::Tx& tx, const AuditEntry& entry, TimePoint real_now) {
  const auto& call = tx.call();
  auto out = call.audit ? *call.audit : type::v1::AuditEntry();
  out.set_subject(entry.subject.empty() ? Subject(call.principal) : entry.subject);
  out.set_action(entry.action);
  out.clear_resources();
  if (!entry.resource.empty()) out.add_resources(entry.resource);
  out.set_result(entry.result);
  out.set_detail(entry.detail);
  out.set_before_hash(HashOf(entry.before));
  out.set_after_hash(HashOf(entry.after));
  *out.mutable_record_time() = ToProto(real_now);
  pg::Audit(tx, std::move(out));
}

void TakeIn(pg::Tx& tx, const std::string& service, const std::string& record,
            const type::v1::AuditEntry& entry) {
  pb::AuditRecord out;
  out.set_name("auditRecords/" + record);
  out.set_service(service);
  out.set_subject(entry.subject());
  out.set_client(entry.client());
  out.set_action(entry.action());
  if (!entry.resources().empty()) out.set_resource(entry.resources(0));
  *out.mutable_resources() = entry.resources();
  *out.mutable_shown_fields() = entry.shown_fields();
  out.set_result(entry.result());
  out.set_detail(entry.detail());
  out.set_request_id(entry.request_id());
  out.set_request_hash(entry.request_hash());
  out.set_before_hash(entry.before_hash());
  out.set_after_hash(entry.after_hash());
  *out.mutable_occur_time() = entry.occur_time();
  *out.mutable_record_time() = entry.record_time();
  out.set_address(entry.address());
  out.set_token_id(entry.token_id());
  tx.ExecAtCommit(kAuditTakeIn, pg::JsonOf(out, true));
}

std::vector<std::pair<std::string, std::int64_t>> WaitingAudit(pg::Tx& tx) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (const auto& row : tx.Exec(kAuditWaiting))
    out.emplace_back(row["tenant_id"].as<std::string>(), row["records"].as<std::int64_t>());
  return out;
}

LockedHead LockAuditHead(pg::Tx& tx) {
  tx.Exec(kAuditLock);
  LockedHead out{};
  for (const auto& row : tx.Exec(kAuditHead))
    out = {{row["last_sequence"].as<std::int64_t>(), row["last_hash"].as<std::string>()},
           pg::TimeOf(row["signed_us"])};
  return out;
}

Result<std::vector<pb::AuditRecord>> TakeOut(pg::Tx& tx, int limit) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  std::vector<pb::AuditRecord> out;
  for (const auto& row : tx.Exec(kAuditTakeOut, limit))
    if (!google::protobuf::util::JsonStringToMessage(row["record"].as<std::string>(), &out.emplace_back(),
                                                     options)
             .ok())
      return Error{Code::kDataLoss,
                   "AUDIT_INTAKE_BROKEN",
                   "An entry that waits for the audit chain cannot be read.",
                   {},
                   {}};
  return out;
}

void Append(pg::Tx& tx, const std::vector<pb::AuditRecord>& records, const pb::AuditBatch& batch) {
  std::string json = "[";
  for (const auto& record : records) {
    if (json.size() > 1) json += ',';
    json += pg::JsonOf(record, true);
  }
  tx.Exec(kAuditAppend, json + "]");
  tx.ExecAtCommit(kAuditBatchInsert, batch.first_sequence(), batch.last_sequence(), batch.previous_hash(),
                  batch.last_hash(), pg::Time(FromProto(batch.sign_time())), batch.algorithm(),
                  batch.key_id(), batch.signature());
}

std::string CanonicalKey(const crypto::Jwk& key) {
  return "carillon audit key 1 " + key.kid + ' ' + key.alg + ' ' + key.crv + ' ' + key.x + ' ' + key.y;
}

std::vector<AuditKey> LoadAuditKeys(pg::Tx& tx) {
  std::vector<AuditKey> out;
  for (const auto& row : tx.Exec(kAuditKeys))
    out.push_back(
        {{"EC", row["crv"].as<std::string>(), row["x"].as<std::string>(), row["y"].as<std::string>(),
          row["kid"].as<std::string>(), row["algorithm"].as<std::string>(), "sig"},
         row["vouched_by"].as<std::string>(std::string()),
         row["voucher"].as<std::string>(std::string())});
  return out;
}

void InsertAuditKey(pg::Tx& tx, const AuditKey& key, TimePoint real_now) {
  tx.Exec(kAuditKeyInsert, key.key.kid, key.key.alg, key.key.crv, key.key.x, key.key.y, pg::Time(real_now),
          pg::OrNull(key.vouched_by), pg::OrNull(key.voucher));
}

std::vector<ChainedTenant> AuditedTenants(pg::Tx& tx) {
  std::vector<ChainedTenant> out;
  for (const auto& row : tx.Exec(kAuditTenants))
    out.push_back({row["tenant_id"].as<std::string>(), row["slug"].as<std::string>()});
  return out;
}

std::vector<pb::AuditBatch> LoadBatches(pg::Tx& tx, std::int64_t after) {
  std::vector<pb::AuditBatch> out;
  for (const auto& row : tx.Exec(kAuditBatches, after)) {
    auto& batch = out.emplace_back();
    batch.set_first_sequence(row["first_sequence"].as<std::int64_t>());
    batch.set_last_sequence(row["last_sequence"].as<std::int64_t>());
    batch.set_previous_hash(row["previous_hash"].as<std::string>());
    batch.set_last_hash(row["last_hash"].as<std::string>());
    *batch.mutable_sign_time() = ToProto(pg::TimeOf(row["signed_us"]));
    batch.set_algorithm(row["algorithm"].as<std::string>());
    batch.set_key_id(row["kid"].as<std::string>());
    batch.set_signature(row["signature"].as<std::string>());
  }
  return out;
}

std::vector<pb::AuditRecord> LoadRecords(pg::Tx& tx, std::int64_t after, std::int64_t last) {
  return RecordsOf(tx.Exec(kAuditRange, after, last));
}

std::vector<pb::AuditRecord> ListAudit(pg::Tx& tx, std::optional<std::int64_t> before,
                                       const AuditFilter& filter, int limit) {
  return RecordsOf(tx.Exec(kAuditList, before, filter.subject, filter.resource, filter.action,
                           pg::Time(filter.from), pg::Time(filter.until), limit));
}

void KeepAuditMonths(pg::Tx& tx, TimePoint real_now) { tx.Exec(kAuditKeepMonths, pg::Time(real_now)); }

int DropAuditBefore(pg::Tx& tx, TimePoint before) {
  return tx.Exec(kAuditDropOld, pg::Time(before))[0][0].as<int>();
}

}  // namespace carillon::access::store
