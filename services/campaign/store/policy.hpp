#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/campaign/v1/contact_policy_service.pb.h"
#include "pg/tx.hpp"

/// Who may be called how often, and who not at all.
namespace carillon::campaign::store {

namespace pb = carillon::campaign::v1;

/// The tenant's own rules, by class and period.
std::vector<pb::FrequencyRule> Rules(pg::Tx& tx);
pb::FrequencyRule SetRule(pg::Tx& tx, const pb::FrequencyRule& rule);
/// NOT_FOUND FREQUENCY_RULE_UNKNOWN.
Result<pb::FrequencyRule> DeleteRule(pg::Tx& tx, const std::string& name);

/// A customer, and the hashes of the number to be called; one of them may be absent.
struct Subject {
  std::string customer;  ///< customers/{uuid}
  std::vector<std::string> number_hashes;
};

/// What is known of contacts with customers; keys are customers/{uuid}.
struct Ledger {
  std::map<std::string, std::vector<TimePoint>> contacts;  ///< of the class, by others
  std::set<std::string> in_progress;                       ///< called by others now
  std::set<std::string> on_list;                           ///< do not call
};

/// Waits for others who decide about these customers, and keeps them waiting until the transaction ends.
void LockCustomers(pg::Tx& tx, const std::vector<Subject>& subjects);
/// What stands against calling them; `attempts` and `targets` (names) are the asker's own and not counted.
Ledger ReadLedger(pg::Tx& tx, const std::vector<Subject>& subjects, pb::ContactClass contact_class,
                  const std::vector<std::string>& attempts, const std::vector<std::string>& targets);

/// Puts a customer, or a number given as its hashes (the active key's first), on the list; `added` is false
/// when an entry stands, which is then the answer.
struct AddedEntry {
  pb::DoNotCallEntry entry;
  bool added;
};
AddedEntry AddEntry(pg::Tx& tx, const pb::DoNotCallEntry& entry,
                    const std::vector<std::string>& number_hashes);
/// NOT_FOUND DO_NOT_CALL_UNKNOWN.
Result<pb::DoNotCallEntry> DeleteEntry(pg::Tx& tx, const std::string& name);

/// Newest first; `after` is the key of the last row before.
struct EntryPage {
  std::vector<pb::DoNotCallEntry> entries;
  std::optional<std::string> next;
};
EntryPage ListEntries(pg::Tx& tx, const std::string& customer, const std::string& after, int size);

}  // namespace carillon::campaign::store
