#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/customer/v1/profile.pb.h"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// What stands around customers in PostgreSQL. Every function runs in the transaction it is given; lists are
/// of the customer and of those who went into it. `after` is where the last page ended.
namespace carillon::customer::store {

namespace pb = carillon::customer::v1;

void SaveRelationship(pg::Tx& tx, const pb::Relationship& relationship, const std::string& client);
/// Nothing for an unknown one; the row stays locked.
std::optional<pb::Relationship> LockRelationship(pg::Tx& tx, const std::string& customer_id,
                                                 const std::string& id);
/// True when the same one holds or is to come.
bool RelationshipStands(pg::Tx& tx, const std::string& from_id, const std::string& to_id,
                        const std::string& type);
/// With the id of the customer each was written for.
std::vector<std::pair<std::string, pb::Relationship>> Relationships(pg::Tx& tx,
                                                                    const std::string& customer_id,
                                                                    std::string_view after, int limit);

void SaveAssignment(pg::Tx& tx, const pb::ManagerAssignment& assignment, const std::string& client);
std::optional<pb::ManagerAssignment> LockAssignment(pg::Tx& tx, const std::string& customer_id,
                                                    const std::string& id);
/// The PRIMARY that holds.
std::optional<pb::ManagerAssignment> LockPrimary(pg::Tx& tx, const std::string& customer_id);
/// Those that hold; empty customer = all, empty manager = any.
std::vector<pb::ManagerAssignment> Assignments(pg::Tx& tx, const std::string& customer_id,
                                               const std::string& manager, std::string_view after, int limit);

/// Those whose key is new are kept; returns what is kept under the keys, in order.
std::vector<pb::Transaction> AppendTransactions(pg::Tx& tx, const pb::Customer& customer,
                                                const std::vector<pb::Transaction>& transactions);
/// Newest first, each with the key of its page.
std::vector<std::pair<std::string, pb::Transaction>> Transactions(pg::Tx& tx, const std::string& customer_id,
                                                                  std::string_view after, int limit);

/// As it is kept: the one there is under its name, else (`fresh`) the one given.
pb::PartyInteraction SaveInteraction(pg::Tx& tx, const pb::Customer& customer,
                                     const pb::PartyInteraction& interaction, bool& fresh);
std::vector<std::pair<std::string, pb::PartyInteraction>> Interactions(pg::Tx& tx,
                                                                       const std::string& customer_id,
                                                                       std::string_view after, int limit);

void PutCode(pg::Tx& tx, const pb::Code& code);
std::vector<pb::Code> Codes(pg::Tx& tx, const std::string& list);

/// A customer as one write left it.
struct Version {
  pb::Customer customer;
  std::string changed_by, method;
  TimePoint changed_at;
};
/// As it was then; nothing when no version is that old.
Result<std::optional<Version>> VersionAt(pg::Tx& tx, const Vault& vault, const std::string& customer_id,
                                         TimePoint at);
/// Newest first, from before this version (0 = the newest).
Result<std::vector<Version>> Versions(pg::Tx& tx, const Vault& vault, const std::string& customer_id,
                                      std::int64_t before, int limit);

}  // namespace carillon::customer::store
