#include "workorder/api/desk_feeds.hpp"

#include <chrono>
#include <vector>

#include "base/ids.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<std::shared_ptr<DeskFeeds::Feed>> DeskFeeds::Open(const Call& call, const std::string& desk_id) {
  auto watcher = std::make_shared<Watcher>(Watcher{call, desk_id, std::make_shared<Feed>(), {}});
  TRY_VOID(Update(*watcher));
  pb::WatchDeskResponse complete;
  complete.set_complete(true);
  watcher->feed->Put("complete", std::move(complete));
  const std::lock_guard lock(mutex_);
  watchers_.push_back(watcher);
  return watcher->feed;
}

void DeskFeeds::Refresh() {
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    const std::lock_guard lock(mutex_);
    watchers_.remove_if([](const auto& watcher) { return watcher->feed->closed(); });
    watchers.assign(watchers_.begin(), watchers_.end());
  }
  for (const auto& watcher : watchers) {
    // What could not be read now is sent at the next turn.
    if (const auto updated = Update(*watcher); !updated && !IsTransient(updated.error())) {
      watcher->feed->Close(updated.error());
    }
  }
}

Result<void> DeskFeeds::Update(Watcher& watcher) {
  watcher.call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  struct Difference {
    std::vector<pb::WorkOrder> changed;
    std::vector<std::string> removed;
  };
  TRY(auto difference, db_.Read(watcher.call, [&](pg::Tx& tx) -> Result<Difference> {
    Difference found;
    std::vector<std::string> ids;
    auto gone = watcher.known;
    for (const auto& [id, version] : store::OpenAtDesk(tx, watcher.desk_id)) {
      const auto known = watcher.known.find(id);
      if (known == watcher.known.end() || known->second != version) ids.push_back(id);
      gone.erase(id);
    }
    for (const auto& [id, version] : gone) found.removed.push_back(id);
    if (!ids.empty()) found.changed = store::LoadMany(tx, ids);
    return found;
  }));
  for (auto& order : difference.changed) {
    const auto id = IdOf(order.name());
    watcher.known[id] = std::stoll(order.etag());
    pb::WatchDeskResponse change;
    *change.mutable_work_order() = std::move(order);
    watcher.feed->Put(id, std::move(change));
  }
  for (const auto& id : difference.removed) {
    watcher.known.erase(id);
    pb::WatchDeskResponse change;
    change.set_removed("workOrders/" + id);
    watcher.feed->Put(id, std::move(change));
  }
  return Ok();
}

}  // namespace carillon::workorder::api
