#pragma once
#include <string>
#include <vector>

#include "carillon/customer/v1/record.pb.h"
#include "customer/domain/distribution.hpp"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// Subscribers to changes of customers, in PostgreSQL.
namespace carillon::customer::store {

/// New, or in the place of the one of its name.
void SaveSubscription(pg::Tx& tx, const pb::Subscription& subscription);
/// SUBSCRIPTION_UNKNOWN. The second locks it.
Result<pb::Subscription> LoadSubscription(pg::Tx& tx, const std::string& id);
Result<pb::Subscription> LockSubscription(pg::Tx& tx, const std::string& id);
/// Oldest first.
std::vector<pb::Subscription> Subscriptions(pg::Tx& tx);
void DeleteSubscription(pg::Tx& tx, const std::string& id);

/// What changed next.
struct Changes {
  std::vector<pb::Customer> customers;
  domain::ChangePlace place;  ///< after the last of them
};
/// The next customers that changed after `after`, in the order of the changes. Only transactions before the
/// oldest one that still runs: none of them can add a change behind any more. For a reading transaction,
/// which sees one moment.
Result<Changes> ChangesAfter(pg::Tx& tx, const Vault& vault, const domain::ChangePlace& after,
                             const std::string& client, int limit);
/// Whether all changes up to there are over: nobody was ever told of a later place.
bool IsPast(pg::Tx& tx, const domain::ChangePlace& place);

}  // namespace carillon::customer::store
