#include "customer/store/privacy.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/privacy.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::customer::store {
namespace {

pb::ConsentRecord ConsentFromRow(const pqxx::row& row) {
  pb::ConsentRecord out;
  auto& consent = *out.mutable_consent();
  carillon::type::v1::Channel channel = carillon::type::v1::CHANNEL_UNSPECIFIED;
  carillon::type::v1::Channel_Parse(row["channel"].c_str(), &channel);
  consent.set_channel(channel);
  pb::Consent::Purpose purpose = pb::Consent::PURPOSE_UNSPECIFIED;
  pb::Consent::Purpose_Parse(row["purpose"].c_str(), &purpose);
  consent.set_purpose(purpose);
  pb::Consent::Decision decision = pb::Consent::DECISION_UNSPECIFIED;
  pb::Consent::Decision_Parse(row["decision"].c_str(), &decision);
  consent.set_decision(decision);
  consent.set_evidence(row["evidence"].c_str());
  *consent.mutable_decide_time() = ToProto(pg::TimeOf(row["us"]));
  *out.mutable_record_time() = ToProto(pg::TimeOf(row["recorded_us"]));
  out.set_recorded_by(row["recorded_by"].c_str());
  return out;
}

std::vector<Anyone> AnyoneIn(const pqxx::result& rows) {
  std::vector<Anyone> out;
  for (const auto& row : rows) out.push_back({row["tenant"].c_str(), row["id"].c_str()});
  return out;
}

std::vector<std::string> IdsOf(const pqxx::result& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.emplace_back(row["id"].c_str());
  return out;
}

}  // namespace

void KeepConsent(pg::Tx& tx, const pb::Customer& customer, const pb::Consent& consent) {
  tx.Exec(kKeepConsent, IdOf(customer.name()), pg::MaybeId(customer.client()),
          carillon::type::v1::Channel_Name(consent.channel()), pb::Consent::Purpose_Name(consent.purpose()),
          pb::Consent::Decision_Name(consent.decision()), consent.evidence(),
          pg::Time(FromProto(consent.decide_time())), pg::Time(tx.now()), ActorOf(tx.call()));
}

Page<pb::ConsentRecord> ConsentRecords(pg::Tx& tx, const std::string& customer_id, std::string_view after,
                                       int limit) {
  const auto [at, id] = pg::After(after);
  Page<pb::ConsentRecord> out;
  for (const auto& row : tx.Exec(kConsentRecords, customer_id, at, id, limit)) {
    out.emplace_back(pg::KeyOf(row["us"], row["id"]), ConsentFromRow(row));
  }
  return out;
}

std::vector<std::string> Family(pg::Tx& tx, const std::string& customer_id) {
  return IdsOf(tx.Exec(kFamily, customer_id));
}

void Forget(pg::Tx& tx, const std::vector<std::string>& family) { tx.Exec(kForget, pg::Array(family)); }

KeptCounts CountKept(pg::Tx& tx, const std::vector<std::string>& family) {
  const auto row = tx.Exec(kCountKept, pg::Array(family))[0];
  return {row["transactions"].as<std::int64_t>(), row["consents"].as<std::int64_t>(),
          row["contacts"].as<std::int64_t>()};
}

void SaveErasure(pg::Tx& tx, const pb::Erasure& erasure, const std::string& client) {
  tx.Exec(kSaveErasure, IdOf(erasure.customer()), pg::MaybeId(client),
          pg::Time(FromProto(erasure.erase_time())), pg::JsonOf(erasure));
}

std::optional<pb::Erasure> FindErasure(pg::Tx& tx, const std::string& customer_id) {
  const auto rows = tx.Exec(kErasure, customer_id);
  if (rows.empty()) return std::nullopt;
  return pg::OfJson<pb::Erasure>(rows[0]["body"]);
}

Page<pb::Erasure> Erasures(pg::Tx& tx, std::string_view after, int limit) {
  const auto [at, id] = pg::After(after);
  Page<pb::Erasure> out;
  for (const auto& row : tx.Exec(kErasures, at, id, limit)) {
    out.emplace_back(pg::KeyOf(row["us"], row["id"]), pg::OfJson<pb::Erasure>(row["body"]));
  }
  return out;
}

std::vector<std::pair<Anyone, std::string>> Returned(pg::Tx& tx) {
  std::vector<std::pair<Anyone, std::string>> out;
  for (const auto& row : tx.Exec(kReturned)) {
    out.push_back(
        {{row["tenant"].c_str(), row["id"].c_str()}, pg::OfJson<pb::Erasure>(row["body"]).reason()});
  }
  return out;
}

std::vector<Anyone> LongClosed(pg::Tx& tx, TimePoint before, int limit) {
  return AnyoneIn(tx.Exec(kLongClosed, pg::Time(before), limit));
}

void DropOldResults(pg::Tx& tx, TimePoint started_before) {
  tx.Exec(kDropOldResults, pg::Time(started_before));
}
void DropOldContacts(pg::Tx& tx, TimePoint ended_before) {
  tx.Exec(kDropOldContacts, pg::Time(ended_before));
}
void DropKept(pg::Tx& tx, TimePoint erased_before) { tx.Exec(kDropKept, pg::Time(erased_before)); }

void PutCustomField(pg::Tx& tx, const pb::CustomField& field) {
  tx.Exec(kPutCustomField, IdOf(field.name()), pg::JsonOf(field));
}

std::vector<pb::CustomField> CustomFields(pg::Tx& tx) {
  return Bodies<pb::CustomField>(tx.Exec(kCustomFields));
}

std::vector<std::string> FieldTags(const Vault& vault, const google::protobuf::Struct& values,
                                   const std::vector<pb::CustomField>& fields) {
  std::vector<std::string> out;
  for (const auto& text : domain::IndexTexts(values, fields)) {
    out.push_back("c" + vault.Tags("custom field " + text).front());
  }
  return out;
}

std::string IndexFields(pg::Tx& tx, const Vault& vault, const std::string& after, int limit) {
  const auto fields = CustomFields(tx);
  std::vector<std::string> ids, terms;
  std::vector<std::optional<std::string>> clients;
  const auto rows = tx.Exec(kWithCustomFields, AfterOf(after), limit);
  for (const auto& row : rows) {
    if (std::string_view(row["custom_fields"].c_str()) == "null") continue;
    for (auto& tag : FieldTags(vault, pg::OfJson<google::protobuf::Struct>(row["custom_fields"]), fields)) {
      ids.emplace_back(row["id"].c_str());
      clients.push_back(row["client"].is_null() ? std::nullopt
                                                : std::optional<std::string>(row["client"].c_str()));
      terms.push_back(std::move(tag));
    }
  }
  tx.Exec(kAddTerms, pg::Array(ids), pg::Array(clients), pg::Array(terms));
  return static_cast<int>(rows.size()) < limit ? "" : rows.back()["id"].c_str();
}

std::vector<std::string> FindByField(pg::Tx& tx, const Vault& vault, const std::string& text,
                                     std::string_view after, int limit) {
  auto tags = vault.Tags("custom field " + text);
  for (auto& tag : tags) tag = "c" + tag;
  return IdsOf(tx.Exec(kByTags, pg::Array(tags), AfterOf(after), limit));
}

Result<Page<pb::CustomerVersion>> AllVersions(pg::Tx& tx, const Vault& vault, const std::string& customer_id,
                                              std::string_view after, int limit) {
  const auto slash = after.find('/');
  const std::string from(after.substr(0, slash));
  const std::int64_t version = after.empty() ? 0 : std::atoll(std::string(after.substr(slash + 1)).c_str());
  Page<pb::CustomerVersion> out;
  for (const auto& row : tx.Exec(kExportVersions, customer_id, AfterOf(from), version, limit)) {
    pb::CustomerVersion one;
    const std::string id = row["id"].c_str();
    TRY(const auto bytes, vault.OpenRecord(row["sealed"].c_str(), "customers/" + id));
    if (!one.mutable_customer()->ParseFromString(bytes))
      return Internal("a stored version does not read as the .proto");
    *one.mutable_change_time() = ToProto(pg::TimeOf(row["changed_us"]));
    one.set_changed_by(row["changed_by"].c_str());
    one.set_method(row["method"].c_str());
    out.emplace_back(id + "/" + row["version"].c_str(), std::move(one));
  }
  return out;
}

std::vector<pb::ManagerAssignment> AllAssignments(pg::Tx& tx, const std::string& customer_id) {
  return Bodies<pb::ManagerAssignment>(tx.Exec(kExportAssignments, customer_id));
}

std::vector<pb::PastAlert> AllAlerts(pg::Tx& tx, const std::string& customer_id) {
  std::vector<pb::PastAlert> out;
  for (const auto& row : tx.Exec(kExportAlerts, customer_id)) {
    auto& past = out.emplace_back();
    auto& alert = *past.mutable_alert();
    alert.set_name(std::string("customers/") + row["customer"].c_str() + "/alerts/" + row["id"].c_str());
    alert.set_code(row["code"].c_str());
    pb::Alert::Severity severity = pb::Alert::SEVERITY_UNSPECIFIED;
    pb::Alert::Severity_Parse(row["severity"].c_str(), &severity);
    alert.set_severity(severity);
    alert.set_reason(row["reason"].c_str());
    alert.set_subject(row["subject"].c_str());
    alert.set_raised_by(row["raised_by"].c_str());
    *alert.mutable_raise_time() = ToProto(pg::TimeOf(row["raised_us"]));
    if (const auto at = pg::MaybeTimeOf(row["expires_us"])) *alert.mutable_expire_time() = ToProto(*at);
    past.set_cleared_by(row["cleared_by"].c_str());
    if (const auto at = pg::MaybeTimeOf(row["cleared_us"])) *past.mutable_clear_time() = ToProto(*at);
    past.set_clear_reason(row["clear_reason"].c_str());
  }
  return out;
}

std::vector<pb::PastMerge> AllMerges(pg::Tx& tx, const std::vector<std::string>& family) {
  std::vector<pb::PastMerge> out;
  for (const auto& row : tx.Exec(kExportMerges, pg::Array(family))) {
    auto& merge = out.emplace_back();
    merge.set_customer(pg::NameOf("customers", row["customer"]));
    merge.set_survivor(pg::NameOf("customers", row["survivor"]));
    merge.set_reason(row["reason"].c_str());
    merge.set_merged_by(row["merged_by"].c_str());
    *merge.mutable_merge_time() = ToProto(pg::TimeOf(row["merged_us"]));
    if (const auto at = pg::MaybeTimeOf(row["undone_us"])) *merge.mutable_undo_time() = ToProto(*at);
  }
  return out;
}

std::vector<pb::MergeCase> AllCases(pg::Tx& tx, const std::vector<std::string>& family) {
  return Bodies<pb::MergeCase>(tx.Exec(kExportCases, pg::Array(family)));
}

std::vector<pb::IngestResult> AllSyncResults(pg::Tx& tx, const std::vector<std::string>& family) {
  return Bodies<pb::IngestResult>(tx.Exec(kExportSyncResults, pg::Array(family)));
}

}  // namespace carillon::customer::store
