#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carillon/customer/v1/customer_service.pb.h"
#include "customer/store/vault.hpp"
#include "pg/tx.hpp"
#include "redis/cache.hpp"

/// Answers of LookUpCaller in Redis, never stale after an acknowledged write (redis/cache.hpp says how). Keys
/// begin with the tenant and hold no number. Thread-safe.
namespace carillon::customer::store {

class CallerCache {
 public:
  /// Without an address (empty URL) nothing is ever found. Throws std::runtime_error for a malformed URL.
  CallerCache(const std::string& url, redis::Cache::Settings settings, const Vault& vault);

  struct Found {
    std::optional<pb::LookUpCallerResponse> answer;
    std::string lease;
  };
  Found Get(const Call& call, const std::string& e164);
  /// `good_until`: business time after which the answer is another without any write.
  void Fill(const Call& call, const std::string& e164, const std::string& lease,
            const pb::LookUpCallerResponse& answer, const std::optional<TimePoint>& good_until);
  /// Call last in a transaction that changes what a look-up of these numbers answers: marks them busy now and
  /// releases them after the commit. UNAVAILABLE when readers could be served the old answer.
  Result<void> Changing(pg::Tx& tx, const std::vector<std::string>& numbers);

 private:
  std::string Key(const Call& call, const std::string& tag) const;
  const Vault& vault_;
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<redis::Cache> cache_;
};

}  // namespace carillon::customer::store
