#pragma once
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/call.hpp"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "pg/pool.hpp"
#include "rpc/feed.hpp"

/// The streams of the desks.
namespace carillon::workorder::api {

namespace pb = carillon::workorder::v1;

/// Keeps each stream at what its desk's list is. Compares versions in the database, so that it does not
/// matter which process changed an order. Thread-safe; Refresh runs on one thread.
class DeskFeeds {
 public:
  using Feed = rpc::Feed<pb::WatchDeskResponse>;
  explicit DeskFeeds(pg::Pool& db) : db_(db) {}
  /// Sends the whole list, then follows it until the reader has gone.
  Result<std::shared_ptr<Feed>> Open(const Call& call, const std::string& desk_id);
  /// Sends what has changed since; streams whose reader has gone are forgotten.
  void Refresh();

 private:
  struct Watcher {
    Call call;
    std::string desk_id;
    std::shared_ptr<Feed> feed;
    std::map<std::string, std::int64_t> known;  ///< id -> version sent
  };
  Result<void> Update(Watcher& watcher);

  pg::Pool& db_;
  std::mutex mutex_;
  std::list<std::shared_ptr<Watcher>> watchers_;
};

}  // namespace carillon::workorder::api
