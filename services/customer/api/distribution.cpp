#include "customer/store/distribution.hpp"

#include "base/proto_time.hpp"
#include "customer/api/steps.hpp"
#include "customer/api/steward.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kMostChanges = 1000;

}  // namespace

Result<pb::Subscription> CreateSubscription(Call& call, Deps& deps, const pb::CreateSubscriptionRequest& in) {
  pb::Subscription made = in.subscription();
  made.set_name("subscriptions/" + NewId(call.now));
  if (!made.client().empty()) {
    TRY(*made.mutable_client(), domain::ClientFor(call.principal, made.client()));
  }
  made.set_cursor(domain::CursorOf({}));
  *made.mutable_create_time() = ToProto(call.now);
  made.clear_acknowledge_time();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Subscription> {
    store::SaveSubscription(tx, made);
    return made;
  });
}

Result<pb::ListSubscriptionsResponse> ListSubscriptions(Call& call, Deps& deps,
                                                        const pb::ListSubscriptionsRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListSubscriptionsResponse> {
    pb::ListSubscriptionsResponse out;
    for (auto& one : store::Subscriptions(tx)) *out.add_subscriptions() = std::move(one);
    return out;
  });
}

Result<pb::Subscription> DeleteSubscription(Call& call, Deps& deps, const pb::DeleteSubscriptionRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "subscriptions"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Subscription> {
    TRY(auto gone, store::LockSubscription(tx, id));
    store::DeleteSubscription(tx, id);
    return gone;
  });
}

Result<pb::FetchChangesResponse> FetchChanges(Call& call, Deps& deps, const pb::FetchChangesRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "subscriptions"));
  const int size = in.page_size() == 0 ? kMostChanges : std::min(in.page_size(), kMostChanges);
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::FetchChangesResponse> {
    TRY(const auto subscription, store::LoadSubscription(tx, id));
    const auto after = domain::PlaceOf(subscription.cursor());
    if (!after) return Internal("a stored cursor does not read");
    TRY(const auto changes, store::ChangesAfter(tx, deps.vault, *after, subscription.client(), size));
    pb::FetchChangesResponse out;
    out.set_data(domain::ChangesFile(changes.customers));
    out.set_customers(static_cast<int>(changes.customers.size()));
    out.set_cursor(domain::CursorOf(changes.place));
    out.set_more(out.customers() == size);
    return out;
  });
}

Result<pb::Subscription> AcknowledgeChanges(Call& call, Deps& deps, const pb::AcknowledgeChangesRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "subscriptions"));
  const auto place = domain::PlaceOf(in.cursor());
  if (!place) return errors::CursorInvalid();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Subscription> {
    TRY(auto subscription, store::LockSubscription(tx, id));
    const auto now = domain::PlaceOf(subscription.cursor());
    if (now && *place <= *now) return subscription;
    if (!store::IsPast(tx, *place)) return errors::CursorInvalid();
    subscription.set_cursor(in.cursor());
    *subscription.mutable_acknowledge_time() = ToProto(tx.now());
    store::SaveSubscription(tx, subscription);
    return subscription;
  });
}

}  // namespace carillon::customer::api
