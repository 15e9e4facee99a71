#include "access/store/audit.hpp"

#include "access/store/statements.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "crypto/digest.hpp"

namespace carillon::access::store {
namespace {

pg::Param HashOf(const google::protobuf::Message* message) {
  return message == nullptr ? pg::Param(std::nullopt)
                            : pg::Bytes(crypto::Sha256(message->SerializeAsString()));
}

std::string Subject(const Principal& who) {
  if (who.user.empty() || who.service) return who.user;
  return "users/" + who.user;
}

}  // namespace

void Audit(pg::Tx& tx, const AuditEntry& entry, TimePoint real_now) {
  tx.Exec(kAuditInsert, NewId(real_now), pg::Time(real_now), pg::Time(tx.now()),
          entry.subject.empty() ? Subject(tx.call().principal) : entry.subject, entry.action, entry.resource,
          entry.result, entry.detail, HashOf(entry.before), HashOf(entry.after));
}

std::vector<pb::AuditRecord> ListAudit(pg::Tx& tx, const std::optional<AuditKey>& before,
                                       const std::string& subject, const std::string& resource, int limit) {
  const auto at = before ? std::optional(before->recorded_us) : std::nullopt;
  const auto record = before ? pg::Param(before->record) : pg::Param(std::nullopt);
  std::vector<pb::AuditRecord> out;
  for (const auto& row : tx.Exec(kAuditList, at, record, subject, resource, limit)) {
    auto& audit = out.emplace_back();
    audit.set_name("auditRecords/" + row["record_id"].as<std::string>());
    audit.set_subject(row["subject"].as<std::string>());
    audit.set_action(row["action"].as<std::string>());
    audit.set_resource(row["resource"].as<std::string>());
    audit.set_result(row["result"].as<std::string>());
    audit.set_detail(row["detail"].as<std::string>());
    audit.set_before_hash(row["before_hash"].as<std::string>());
    audit.set_after_hash(row["after_hash"].as<std::string>());
    *audit.mutable_occur_time() = ToProto(pg::TimeOf(row["occurred_us"]));
    *audit.mutable_record_time() = ToProto(pg::TimeOf(row["recorded_us"]));
  }
  return out;
}

void KeepAuditMonths(pg::Tx& tx, TimePoint real_now) { tx.Exec(kAuditKeepMonths, pg::Time(real_now)); }

int DropAuditBefore(pg::Tx& tx, TimePoint before) {
  return tx.Exec(kAuditDropOld, pg::Time(before))[0][0].as<int>();
}

}  // namespace carillon::access::store
