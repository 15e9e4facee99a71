#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/customer/v1/privacy.pb.h"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// Consents as they were given, erasures, exports and the operator's fields in PostgreSQL. Every function
/// runs in the transaction it is given.
namespace carillon::customer::store {

namespace pb = carillon::customer::v1;

template <class Item>
using Page = std::vector<std::pair<std::string, Item>>;

/// Beside what every write of a customer keeps: a word that changes nothing.
void KeepConsent(pg::Tx& tx, const pb::Customer& customer, const pb::Consent& consent);
/// Of the customer and of those who went into it, newest first, each with the key of its page.
Page<pb::ConsentRecord> ConsentRecords(pg::Tx& tx, const std::string& customer_id, std::string_view after,
                                       int limit);

/// The customer and all who went into it, by id.
std::vector<std::string> Family(pg::Tx& tx, const std::string& customer_id);
/// Drops everything beside the records and parts of these that names a person.
void Forget(pg::Tx& tx, const std::vector<std::string>& family);
struct KeptCounts {
  std::int64_t transactions, consents, contacts;
};
KeptCounts CountKept(pg::Tx& tx, const std::vector<std::string>& family);
void SaveErasure(pg::Tx& tx, const pb::Erasure& erasure, const std::string& client);
std::optional<pb::Erasure> FindErasure(pg::Tx& tx, const std::string& customer_id);
/// Newest first, each with the key of its page.
Page<pb::Erasure> Erasures(pg::Tx& tx, std::string_view after, int limit);

/// A customer of any tenant, for the worker role.
struct Anyone {
  std::string tenant, id;
};
/// Those the list says are erased and who came back with a backup, with why they were.
std::vector<std::pair<Anyone, std::string>> Returned(pg::Tx& tx);
/// CLOSED since before `before`.
std::vector<Anyone> LongClosed(pg::Tx& tx, TimePoint before, int limit);
/// Rows of all tenants whose time is over; a part of them at a time.
void DropOldResults(pg::Tx& tx, TimePoint started_before);
void DropOldContacts(pg::Tx& tx, TimePoint ended_before);
void DropKept(pg::Tx& tx, TimePoint erased_before);

void PutCustomField(pg::Tx& tx, const pb::CustomField& field);
/// By key.
std::vector<pb::CustomField> CustomFields(pg::Tx& tx);
/// The terms by which values of indexed fields are found.
std::vector<std::string> FieldTags(const Vault& vault, const google::protobuf::Struct& values,
                                   const std::vector<pb::CustomField>& fields);
/// Gives the customers after this one their terms; returns the last it looked at, empty when all are done.
std::string IndexFields(pg::Tx& tx, const Vault& vault, const std::string& after, int limit);
/// `text` is what domain::IndexTexts makes of a value.
std::vector<std::string> FindByField(pg::Tx& tx, const Vault& vault, const std::string& text,
                                     std::string_view after, int limit);

/// Versions of the family, oldest first, each with the key of its page.
Result<Page<pb::CustomerVersion>> AllVersions(pg::Tx& tx, const Vault& vault, const std::string& customer_id,
                                              std::string_view after, int limit);
/// All of the family, whether they hold or not.
std::vector<pb::ManagerAssignment> AllAssignments(pg::Tx& tx, const std::string& customer_id);
std::vector<pb::PastAlert> AllAlerts(pg::Tx& tx, const std::string& customer_id);
std::vector<pb::PastMerge> AllMerges(pg::Tx& tx, const std::vector<std::string>& family);
std::vector<pb::MergeCase> AllCases(pg::Tx& tx, const std::vector<std::string>& family);
std::vector<pb::IngestResult> AllSyncResults(pg::Tx& tx, const std::vector<std::string>& family);

}  // namespace carillon::customer::store
