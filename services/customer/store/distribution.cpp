#include "customer/store/distribution.hpp"

#include <map>

#include "base/ids.hpp"
#include "customer/domain/errors.hpp"
#include "customer/store/customers.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"

namespace carillon::customer::store {
namespace {

Result<pb::Subscription> SubscriptionIn(const pqxx::result& rows, const std::string& id) {
  if (rows.empty()) return errors::SubscriptionUnknown("subscriptions/" + id);
  return pg::OfJson<pb::Subscription>(rows[0]["body"]);
}

}  // namespace

void SaveSubscription(pg::Tx& tx, const pb::Subscription& subscription) {
  tx.Exec(kSaveSubscription, IdOf(subscription.name()), pg::MaybeId(subscription.client()),
          pg::JsonOf(subscription));
}

Result<pb::Subscription> LoadSubscription(pg::Tx& tx, const std::string& id) {
  return SubscriptionIn(tx.Exec(kLoadSubscription, id), id);
}

Result<pb::Subscription> LockSubscription(pg::Tx& tx, const std::string& id) {
  return SubscriptionIn(tx.Exec(kLockSubscription, id), id);
}

std::vector<pb::Subscription> Subscriptions(pg::Tx& tx) {
  return Bodies<pb::Subscription>(tx.Exec(kSubscriptions));
}

void DeleteSubscription(pg::Tx& tx, const std::string& id) { tx.Exec(kDeleteSubscription, id); }

Result<Changes> ChangesAfter(pg::Tx& tx, const Vault& vault, const domain::ChangePlace& after,
                             const std::string& client, int limit) {
  Changes out;
  out.place = after;
  std::vector<std::string> ids;
  for (const auto& row : tx.Exec(kChangesAfter, std::to_string(after.transaction), after.customer_id,
                                 pg::MaybeId(client), limit)) {
    ids.emplace_back(row["id"].c_str());
    out.place = {std::stoull(row["xid"].c_str()), ids.back()};
  }
  TRY(auto customers, LoadAll(tx, vault, ids));
  std::map<std::string, pb::Customer> by_id;
  for (auto& customer : customers) by_id[IdOf(customer.name())] = std::move(customer);
  for (const auto& id : ids) out.customers.push_back(std::move(by_id[id]));
  return out;
}

bool IsPast(pg::Tx& tx, const domain::ChangePlace& place) {
  return tx.Exec(kIsPast, std::to_string(place.transaction))[0]["past"].as<bool>();
}

}  // namespace carillon::customer::store
