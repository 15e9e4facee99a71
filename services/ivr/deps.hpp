#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "ivr/domain/document.hpp"
#include "ivr/settings.hpp"
#include "pg/pool.hpp"
#include "rpc/peer.hpp"

namespace carillon::ivr {

/// Documents that were read once. A published version never changes, so nothing here is ever stale; drafts
/// are not kept. Thread-safe.
class Shelf {
 public:
  std::shared_ptr<const Document> Find(const std::string& key) const;
  void Put(const std::string& key, std::shared_ptr<const Document> document);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Document>> documents_;
};

/// What the handlers work with.
struct Deps {
  pg::Pool& db;
  rpc::Peer& customer;
  rpc::Peer& routing;
  /// UNAVAILABLE WORKORDER_UNKNOWN where there is none.
  std::function<Result<rpc::Peer*>()> workorder;
  const Settings& settings;
  Shelf shelf = {};
};

}  // namespace carillon::ivr
