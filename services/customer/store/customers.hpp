#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/customer/v1/privacy.pb.h"
#include "customer/domain/caller.hpp"
#include "customer/domain/customers.hpp"
#include "customer/domain/service_password.hpp"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// Customers in PostgreSQL. Every function runs in the transaction it is given; what comes back has its
/// numbers open and shows the alerts that stand at `tx.now()`.
namespace carillon::customer::store {

/// Each write keeps the version it makes (store/profile.hpp).
/// New customers, all in two statements. ALREADY_EXISTS DUPLICATE comes from the transaction.
void Insert(pg::Tx& tx, const Vault& vault, const std::vector<pb::Customer>& customers);
/// What Insert writes of one, made without a transaction: most of its work, which others need not wait for.
/// `fields` are the operator's own; none are needed for a customer without values of them.
struct Draft {
  std::string document, sealed;
};
Draft DraftOf(const Vault& vault, const pb::Customer& customer, const std::vector<pb::CustomField>& fields);
void Insert(pg::Tx& tx, const std::vector<pb::Customer>& customers, std::vector<Draft> drafts);
/// All of a customer but its alerts.
void Replace(pg::Tx& tx, const Vault& vault, const pb::Customer& customer);
/// The same for one whose `changed` fields alone are others (domain::ChangedFields), as the last step of a
/// transaction: what follows in it may not see the change.
void ReplaceAtCommit(pg::Tx& tx, const Vault& vault, const pb::Customer& customer,
                     const std::vector<std::string>& changed);
/// State, etag and update_time only; the rest of `customer` is what the version keeps.
void SaveState(pg::Tx& tx, const Vault& vault, const pb::Customer& customer);

/// CUSTOMER_UNKNOWN.
Result<pb::Customer> Load(pg::Tx& tx, const Vault& vault, const std::string& id);
/// The row stays locked until the end of the transaction. CUSTOMER_UNKNOWN.
Result<pb::Customer> LoadForUpdate(pg::Tx& tx, const Vault& vault, const std::string& id);
/// The same, with whether its values are made of records (store/records.hpp).
struct Locked {
  pb::Customer customer;
  bool composed = false;
};
Result<Locked> LoadLocked(pg::Tx& tx, const Vault& vault, const std::string& id);
/// The same, or the one it went into when it was merged; nobody when there is neither.
Result<std::optional<pb::Customer>> LoadLivingForUpdate(pg::Tx& tx, const Vault& vault,
                                                        const std::string& id);
/// Those that exist, by id.
Result<std::vector<pb::Customer>> LoadAll(pg::Tx& tx, const Vault& vault,
                                          const std::vector<std::string>& ids);

/// The customers `filter` asks for, its page apart, oldest first. The filter's values must make sense
/// (domain::RequireFilter).
Result<std::vector<pb::Customer>> List(pg::Tx& tx, const Vault& vault, const pb::ListCustomersRequest& filter,
                                       std::string_view after, int limit);

/// Ids of customers all of whose terms begin so: names by text::QueryTerms, numbers by text::SuffixQuery.
std::vector<std::string> FindByName(pg::Tx& tx, const std::vector<std::string>& terms, std::string_view after,
                                    int limit);
std::vector<std::string> FindByPhoneEnd(pg::Tx& tx, const std::string& reversed, std::string_view after,
                                        int limit);
/// The same of their SERVICE addresses.
std::vector<std::string> FindByAddress(pg::Tx& tx, const std::vector<std::string>& terms,
                                       std::string_view after, int limit);
/// Ids of open customers with any of these numbers, in E.164.
std::vector<std::string> FindByNumbers(pg::Tx& tx, const std::vector<std::string>& numbers, int limit);
std::vector<std::string> FindByIdentifier(pg::Tx& tx, const Vault& vault, const pb::Identifier& identifier,
                                          std::string_view after, int limit);
std::vector<std::string> FindByAccount(pg::Tx& tx, const Vault& vault, const pb::Account& account,
                                       std::string_view after, int limit);

/// Everybody this number may be of, as far as a caller's card shows them, with their last contacts. `recent`:
/// when the counted contacts were.
Result<std::vector<domain::Known>> KnownByNumber(pg::Tx& tx, const std::string& e164,
                                                 std::vector<TimePoint>& recent);

/// Per customer of the list, the id of the one in the store that has its source record or one of its
/// identifiers for the same client; empty = nobody.
std::vector<std::string> Owners(pg::Tx& tx, const Vault& vault, const std::vector<pb::Customer>& customers);
/// Lets one import of the tenant at a time in, until the end of the transaction.
void LockImports(pg::Tx& tx);

void SaveAlert(pg::Tx& tx, const pb::Customer& customer, const pb::Alert& alert);
/// False when no such alert stands.
bool ClearAlert(pg::Tx& tx, const std::string& customer_id, const std::string& alert_id,
                const std::string& by, const std::string& reason);
bool AlertKnown(pg::Tx& tx, const std::string& customer_id, const std::string& alert_id);

/// Newest first; the counts are as of `tx.now()`.
std::vector<pb::LastContact> LastContacts(pg::Tx& tx, const std::string& customer_id);
/// Keeps `contact` when it is newer than the last of its direction, and counts it in any case.
void NoteContact(pg::Tx& tx, const pb::Customer& customer, const pb::LastContact& contact);

struct Password {
  std::string hash;
  domain::Tries tries;
};
void SetPassword(pg::Tx& tx, const pb::Customer& customer, const std::string& hash);
/// Locks the row. Nothing when none is set.
std::optional<Password> LockPassword(pg::Tx& tx, const std::string& customer_id);
void SaveTries(pg::Tx& tx, const std::string& customer_id, const domain::Tries& tries);

struct SilentCustomer {
  std::string tenant, id;
  TimePoint contacted;
};
/// Active customers of all tenants without contact or change since `before`, the longest silent first, those
/// that come behind `after` (for the worker role).
std::vector<SilentCustomer> FindSilent(pg::Tx& tx, TimePoint before,
                                       const std::optional<SilentCustomer>& after, int limit);

}  // namespace carillon::customer::store
