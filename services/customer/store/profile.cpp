#include "customer/store/profile.hpp"

#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::customer::store {
namespace {

template <class Message>
std::vector<std::pair<std::string, Message>> Dated(const pqxx::result& rows) {
  std::vector<std::pair<std::string, Message>> out;
  for (const auto& row : rows) {
    out.emplace_back(pg::KeyOf(row["us"], row["id"]), pg::OfJson<Message>(row["body"]));
  }
  return out;
}

Result<Version> VersionFromRow(const pqxx::row& row, const Vault& vault, const std::string& customer_id) {
  Version out;
  TRY(const auto bytes, vault.OpenRecord(row["sealed"].c_str(), "customers/" + customer_id));
  if (!out.customer.ParseFromString(bytes)) return Internal("a stored version does not read as the .proto");
  out.changed_by = row["changed_by"].c_str();
  out.method = row["method"].c_str();
  out.changed_at = pg::TimeOf(row["changed_us"]);
  return out;
}

}  // namespace

void SaveRelationship(pg::Tx& tx, const pb::Relationship& relationship, const std::string& client) {
  tx.Exec(kSaveRelationship, LastPart(relationship.name()), pg::MaybeId(client),
          CustomerPart(relationship.name()), IdOf(relationship.other()), relationship.type(),
          pg::MaybeTime(relationship.has_end_time(), relationship.end_time()), pg::JsonOf(relationship));
}

std::optional<pb::Relationship> LockRelationship(pg::Tx& tx, const std::string& customer_id,
                                                 const std::string& id) {
  const auto rows = tx.Exec(kLockRelationship, id, customer_id);
  if (rows.empty()) return std::nullopt;
  return pg::OfJson<pb::Relationship>(rows[0]["body"]);
}

bool RelationshipStands(pg::Tx& tx, const std::string& from_id, const std::string& to_id,
                        const std::string& type) {
  return !tx.Exec(kRelationshipStands, from_id, to_id, type, pg::Time(tx.now())).empty();
}

std::vector<std::pair<std::string, pb::Relationship>> Relationships(pg::Tx& tx,
                                                                    const std::string& customer_id,
                                                                    std::string_view after, int limit) {
  std::vector<std::pair<std::string, pb::Relationship>> out;
  for (const auto& row : tx.Exec(kRelationships, customer_id, AfterOf(after), limit)) {
    auto relationship = pg::OfJson<pb::Relationship>(row["body"]);
    out.emplace_back(row["is_other"].as<bool>() ? CustomerPart(relationship.name()) : "",
                     std::move(relationship));
  }
  return out;
}

void SaveAssignment(pg::Tx& tx, const pb::ManagerAssignment& assignment, const std::string& client) {
  tx.Exec(kSaveAssignment, LastPart(assignment.name()), pg::MaybeId(client), CustomerPart(assignment.name()),
          assignment.manager(), pb::ManagerAssignment::Role_Name(assignment.role()),
          assignment.has_end_time(), pg::JsonOf(assignment));
}

std::optional<pb::ManagerAssignment> LockAssignment(pg::Tx& tx, const std::string& customer_id,
                                                    const std::string& id) {
  const auto rows = tx.Exec(kLockAssignment, id, customer_id);
  if (rows.empty()) return std::nullopt;
  return pg::OfJson<pb::ManagerAssignment>(rows[0]["body"]);
}

std::optional<pb::ManagerAssignment> LockPrimary(pg::Tx& tx, const std::string& customer_id) {
  const auto rows = tx.Exec(kLockPrimary, customer_id);
  if (rows.empty()) return std::nullopt;
  return pg::OfJson<pb::ManagerAssignment>(rows[0]["body"]);
}

std::vector<pb::ManagerAssignment> Assignments(pg::Tx& tx, const std::string& customer_id,
                                               const std::string& manager, std::string_view after,
                                               int limit) {
  std::vector<pb::ManagerAssignment> out;
  const auto rows = customer_id.empty()
                        ? tx.Exec(kAssignmentsOfManager, manager, AfterOf(after), limit)
                        : tx.Exec(kAssignmentsOfCustomer, customer_id, manager, AfterOf(after), limit);
  for (const auto& row : rows) out.push_back(pg::OfJson<pb::ManagerAssignment>(row["body"]));
  return out;
}

std::vector<pb::Transaction> AppendTransactions(pg::Tx& tx, const pb::Customer& customer,
                                                const std::vector<pb::Transaction>& transactions) {
  std::vector<std::string> keys, ids, times;
  nlohmann::json bodies = nlohmann::json::array();
  for (const auto& one : transactions) {
    keys.push_back(one.key());
    ids.push_back(LastPart(one.name()));
    times.push_back(FormatRfc3339(FromProto(one.occur_time())));
    bodies.push_back(nlohmann::json::parse(pg::JsonOf(one)));
  }
  const std::string id = IdOf(customer.name());
  tx.Exec(kAppendTransactions, id, pg::MaybeId(customer.client()), pg::Array(keys), pg::Array(ids),
          pg::Array(times), bodies.dump());
  std::vector<pb::Transaction> out;
  for (const auto& row : tx.Exec(kTransactionsByKey, id, pg::Array(keys))) {
    out.push_back(pg::OfJson<pb::Transaction>(row["body"]));
  }
  return out;
}

std::vector<std::pair<std::string, pb::Transaction>> Transactions(pg::Tx& tx, const std::string& customer_id,
                                                                  std::string_view after, int limit) {
  const auto [at, id] = pg::After(after);
  return Dated<pb::Transaction>(tx.Exec(kTransactions, customer_id, at, id, limit));
}

pb::PartyInteraction SaveInteraction(pg::Tx& tx, const pb::Customer& customer,
                                     const pb::PartyInteraction& interaction, bool& fresh) {
  const std::string customer_id = IdOf(customer.name()), id = IdOf(interaction.name());
  fresh = tx.Exec(kSaveInteraction, customer_id, id, pg::MaybeId(customer.client()),
                  pg::Time(FromProto(interaction.end_time())), pg::JsonOf(interaction))
              .affected_rows() == 1;
  return fresh ? interaction
               : pg::OfJson<pb::PartyInteraction>(tx.Exec(kInteraction, customer_id, id)[0]["body"]);
}

std::vector<std::pair<std::string, pb::PartyInteraction>> Interactions(pg::Tx& tx,
                                                                       const std::string& customer_id,
                                                                       std::string_view after, int limit) {
  const auto [at, id] = pg::After(after);
  return Dated<pb::PartyInteraction>(tx.Exec(kInteractions, customer_id, at, id, limit));
}

void PutCode(pg::Tx& tx, const pb::Code& code) {
  const std::string id = IdOf(code.name());
  const auto dot = id.find('.');
  tx.Exec(kPutCode, id.substr(0, dot), id.substr(dot + 1), pg::JsonOf(code));
}

std::vector<pb::Code> Codes(pg::Tx& tx, const std::string& list) {
  std::vector<pb::Code> out;
  for (const auto& row : tx.Exec(kCodes, list)) out.push_back(pg::OfJson<pb::Code>(row["body"]));
  return out;
}

Result<std::optional<Version>> VersionAt(pg::Tx& tx, const Vault& vault, const std::string& customer_id,
                                         TimePoint at) {
  const auto rows = tx.Exec(kVersionAt, customer_id, pg::Time(at));
  if (rows.empty()) return std::optional<Version>();
  TRY(auto version, VersionFromRow(rows[0], vault, customer_id));
  return std::optional(std::move(version));
}

Result<std::vector<Version>> Versions(pg::Tx& tx, const Vault& vault, const std::string& customer_id,
                                      std::int64_t before, int limit) {
  std::vector<Version> out;
  for (const auto& row : tx.Exec(kVersions, customer_id, before == 0 ? INT64_MAX : before, limit)) {
    TRY(out.emplace_back(), VersionFromRow(row, vault, customer_id));
  }
  return out;
}

}  // namespace carillon::customer::store
