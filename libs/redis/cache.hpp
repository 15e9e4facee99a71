#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "redis/client.hpp"

/// A look-aside cache that is never stale after an acknowledged write.
namespace carillon::redis {

/// How it keeps its promise, for one key:
/// - a writer marks the key busy before its commit (MarkBusy) and releases it after it (Release), then
/// answers. The
///   mark is a set of writers, so that one writer's release does not lift another's; it ends by itself after
///   `busy_ttl`, which must be longer than any transaction lives;
/// - a reader that finds nothing is given a lease (a fresh token in the key's place), reads the store, and
/// fills only
///   while its lease still stands there: any mark or release in between took it away;
/// - a reader that finds a mark, another's lease or an error reads the store and does not fill;
/// - keys hold the server's run id: a server that restarts with old data starts empty, since writes may have
/// gone on
///   without it.
/// A writer whose transaction failed or is in doubt must not release: the mark runs out instead.
///
/// Thread-safe. Reading never fails, it only finds nothing. After an error readers leave the server alone for
/// `rest`, so that a dead cache costs nothing.
class Cache {
 public:
  struct Settings {
    Millis ttl{300'000};      ///< life of a value
    Millis busy_ttl{60'000};  ///< life of a writer's mark
    Millis lease_ttl{3'000};  ///< longest time from a miss to its fill
    Millis patience{50};      ///< longest wait of a reader for the server
    Millis rest{500};         ///< readers' pause after an error
  };

  Cache(Client& client, std::string prefix, Settings settings)
      : client_(client), prefix_(std::move(prefix)), settings_(settings) {}

  struct Found {
    bool hit = false;
    std::string value;  ///< when hit
    std::string lease;  ///< when not empty: read the store, then Fill with it
  };
  Found Get(const std::string& key, Deadline deadline);
  /// Does nothing when the lease is gone, or on an error.
  void Fill(const std::string& key, const std::string& lease, const std::string& value, Deadline deadline);

  /// A writer's marks, to be given back to Release.
  struct Mark {
    std::vector<std::string> keys;
    std::string token;
    bool empty() const { return keys.empty(); }
  };
  /// Call as the last thing before the commit. When nothing listens (REDIS_DOWN) there is nothing to be stale
  /// and the write may go on; any other error means that readers may still be served an old value: the write
  /// must not be acknowledged, so the error is returned.
  Result<Mark> MarkBusy(std::vector<std::string> keys, Deadline deadline);
  /// Call after the commit, before the answer. On an error the marks stand until `busy_ttl`: readers read the
  /// store.
  void Release(const Mark& mark, Deadline deadline);

 private:
  std::string Key(const std::string& run_id, const std::string& key) const {
    return prefix_ + run_id + ":" + key;
  }
  bool Resting() const;
  void Rest();

  Client& client_;
  const std::string prefix_;
  const Settings settings_;
  std::atomic<Deadline::rep> rest_until_{0};
};

}  // namespace carillon::redis
