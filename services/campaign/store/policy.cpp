#include "campaign/store/policy.hpp"

#include "base/ids.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/store/rows.hpp"
#include "campaign/store/statements.hpp"

namespace carillon::campaign::store {
namespace {

// The longest period a rule may have.
constexpr std::chrono::days kLongestPeriod{366};

pb::FrequencyRule RuleOf(const pqxx::row& row) {
  pb::FrequencyRule rule;
  rule.set_name(std::string("frequencyRules/") + row["frequency_rule_id"].c_str());
  pb::ContactClass contact_class{};
  pb::ContactClass_Parse(row["contact_class"].c_str(), &contact_class);
  rule.set_contact_class(contact_class);
  rule.set_max_count(row["max_count"].as<int>());
  rule.set_period_days(row["period_days"].as<int>());
  pb::FrequencyRule::OnHit on_hit{};
  pb::FrequencyRule::OnHit_Parse(row["on_hit"].c_str(), &on_hit);
  rule.set_on_hit(on_hit);
  return rule;
}

pb::DoNotCallEntry EntryOf(const pqxx::row& row) {
  pb::DoNotCallEntry entry;
  entry.set_name(std::string("doNotCallEntries/") + row["entry_id"].c_str());
  if (!row["customer_id"].is_null())
    entry.set_customer(std::string("customers/") + row["customer_id"].c_str());
  pb::DoNotCallEntry::Source source{};
  pb::DoNotCallEntry::Source_Parse(row["source"].c_str(), &source);
  entry.set_source(source);
  entry.set_reason(row["reason"].c_str());
  entry.set_added_by(row["added_by"].c_str());
  *entry.mutable_create_time() = ToProto(pg::TimeOf(row["created_us"]));
  return entry;
}

std::vector<std::string> IdsOf(const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  ids.reserve(names.size());
  for (const auto& name : names) ids.push_back(IdOf(name));
  return ids;
}

std::vector<std::string> CustomersOf(const std::vector<Subject>& subjects) {
  std::vector<std::string> ids;
  for (const auto& subject : subjects)
    if (!subject.customer.empty()) ids.push_back(IdOf(subject.customer));
  return ids;
}

}  // namespace

std::vector<pb::FrequencyRule> Rules(pg::Tx& tx) {
  std::vector<pb::FrequencyRule> rules;
  for (const auto& row : tx.Exec(sql::kRules)) rules.push_back(RuleOf(row));
  return rules;
}

pb::FrequencyRule SetRule(pg::Tx& tx, const pb::FrequencyRule& rule) {
  const auto on_hit = rule.on_hit() == pb::FrequencyRule::REFUSE ? rule.on_hit() : pb::FrequencyRule::DEFER;
  return RuleOf(tx.Exec(sql::kSetRule, NewId(tx.now()), pb::ContactClass_Name(rule.contact_class()),
                        rule.max_count(), rule.period_days(), pb::FrequencyRule::OnHit_Name(on_hit),
                        tx.call().principal.user, pg::Time(tx.now()))[0]);
}

Result<pb::FrequencyRule> DeleteRule(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kDeleteRule, IdOf(name));
  if (rows.empty()) return errors::UnknownRule(name);
  return RuleOf(rows[0]);
}

void LockCustomers(pg::Tx& tx, const std::vector<Subject>& subjects) {
  auto keys = CustomersOf(subjects);
  for (const auto& subject : subjects)
    keys.insert(keys.end(), subject.number_hashes.begin(), subject.number_hashes.end());
  tx.Exec(sql::kLockCustomers, pg::Array(keys));
}

Ledger ReadLedger(pg::Tx& tx, const std::vector<Subject>& subjects, pb::ContactClass contact_class,
                  const std::vector<std::string>& attempts, const std::vector<std::string>& targets) {
  Ledger ledger;
  const auto customers = pg::Array(CustomersOf(subjects));
  for (const auto& row : tx.Exec(sql::kContacts, customers, pb::ContactClass_Name(contact_class),
                                 pg::Time(tx.now() - kLongestPeriod), pg::Array(IdsOf(targets))))
    ledger.contacts[std::string("customers/") + row["customer_id"].c_str()].push_back(
        pg::TimeOf(row["contacted_us"]));
  for (const auto& row : tx.Exec(sql::kInProgress, customers, pg::Array(IdsOf(attempts))))
    ledger.in_progress.insert(std::string("customers/") + row["customer_id"].c_str());
  std::map<std::string, std::string> by_hash;
  std::vector<std::string> hashes;
  for (const auto& subject : subjects) {
    for (const auto& hash : subject.number_hashes) {
      by_hash[hash] = subject.customer;
      hashes.push_back(hash);
    }
  }
  for (const auto& row : tx.Exec(sql::kOnList, customers, pg::Array(hashes))) {
    const std::string found = row["subject"].c_str();
    const auto hash = by_hash.find(found);
    ledger.on_list.insert(hash == by_hash.end() ? "customers/" + found : hash->second);
  }
  return ledger;
}

AddedEntry AddEntry(pg::Tx& tx, const pb::DoNotCallEntry& entry,
                    const std::vector<std::string>& number_hashes) {
  // A redeem that has looked at the list already is waited for; one that has not sees the entry.
  LockCustomers(tx, {{entry.customer(), number_hashes}});
  const auto find = [&] {
    return tx.Exec(sql::kFindEntry, pg::MaybeId(entry.customer()), pg::Array(number_hashes));
  };
  if (const auto standing = find(); !standing.empty()) return {EntryOf(standing[0]), false};
  const auto source = entry.source() == pb::DoNotCallEntry::SOURCE_UNSPECIFIED
                          ? pb::DoNotCallEntry::CUSTOMER_WISH
                          : entry.source();
  const auto& user = tx.call().principal.user;
  const auto rows =
      tx.Exec(sql::kAddEntry, NewId(tx.now()), pg::MaybeId(entry.customer()),
              number_hashes.empty() ? pg::Param(std::nullopt) : pg::Param(number_hashes.front()),
              pb::DoNotCallEntry::Source_Name(source), entry.reason(),
              user.starts_with("services/") ? user : "users/" + user, pg::Time(tx.now()));
  if (rows.empty()) return {EntryOf(find()[0]), false};
  return {EntryOf(rows[0]), true};
}

Result<pb::DoNotCallEntry> DeleteEntry(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kDeleteEntry, IdOf(name));
  if (rows.empty()) return errors::UnknownEntry(name);
  return EntryOf(rows[0]);
}

EntryPage ListEntries(pg::Tx& tx, const std::string& customer, const std::string& after, int size) {
  const auto [after_time, after_id] = pg::After(after);
  const auto rows = tx.Exec(sql::kListEntries, after_time, after_id, pg::MaybeId(customer), size + 1);
  EntryPage page;
  for (const auto& row : rows) {
    if (static_cast<int>(page.entries.size()) == size) {
      const auto last = rows[static_cast<pqxx::result::size_type>(size - 1)];
      page.next = pg::KeyOf(last["created_us"], last["entry_id"]);
      break;
    }
    page.entries.push_back(EntryOf(row));
  }
  return page;
}

}  // namespace carillon::campaign::store
