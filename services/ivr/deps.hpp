#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "carillon/ivr/v1/flow.pb.h"
#include "ivr/api/rounds.hpp"
#include "ivr/domain/document.hpp"
#include "ivr/settings.hpp"
#include "ivr/store/sessions.hpp"
#include "pg/pool.hpp"
#include "rpc/peer.hpp"

namespace carillon::ivr {

/// What was read once, by its key; 256 things, then it begins anew. Thread-safe.
template <class T>
class Shelf {
 public:
  std::shared_ptr<const T> Find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    return found == kept_.end() ? nullptr : found->second;
  }
  void Put(const std::string& key, std::shared_ptr<const T> thing) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= 256) kept_.clear();  // old ones go; what is in use comes back with the next call
    kept_[key] = std::move(thing);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const T>> kept_;
};

/// A session that a key needs.
struct Reading {
  const std::string& session;
  std::chrono::steady_clock::time_point deadline;
  std::optional<Result<store::Stored>> found;
};
/// A turn to be saved.
struct Saving {
  const Course* course;
  std::int64_t from_version;
  std::chrono::steady_clock::time_point deadline;
  bool saved = false;
};

/// What the handlers work with.
struct Deps {
  pg::Pool& db;
  rpc::Peer& customer;
  rpc::Peer& routing;
  /// UNAVAILABLE WORKORDER_UNKNOWN where there is none.
  std::function<Result<rpc::Peer*>()> workorder;
  const Settings& settings;
  /// A published version never changes, so nothing here is ever stale; drafts are not kept.
  Shelf<Document> shelf = {};
  /// By tenant and name; good while its etag is the row's revision.
  Shelf<v1::ServiceNumber> numbers = {};
  /// By tenant.
  Rounds<Reading> readings = {};
  Rounds<Saving> savings = {};
};

/// For a transaction that stays whatever becomes of the call: its answer is not the call's, so none is kept
/// for replay.
inline Call WithoutReplay(const Call& call) {
  Call plain = call;
  plain.request_id.clear();
  return plain;
}

}  // namespace carillon::ivr
