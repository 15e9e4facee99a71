#pragma once
#include <string>

#include "access/jobs/key_ring.hpp"
#include "pg/pool.hpp"

namespace carillon::access {

/// Chains what waits in the intake: one transaction takes at most a thousand entries of a tenant out,
/// numbers, hashes and signs them as one batch, so that a crash leaves neither gap nor double and no record
/// is ever without a signature. A lock makes it the tenant's only writer, however many processes run. One
/// thread at a time.
class AuditWriter {
 public:
  AuditWriter(pg::Pool& worker_db, const KeyRing& keys);
  /// Everything that waits now. What fails stays and is tried at the next call.
  void Run(const Call& worker, TimePoint real_now);

 private:
  Result<int> ChainSome(const Call& call, TimePoint real_now);
  Result<void> KnowKey(pg::Tx& tx, const crypto::SigningKey& key, TimePoint real_now);
  pg::Pool& db_;
  const KeyRing& keys_;
  std::string known_key_;  // kid whose public half is in the database
};

}  // namespace carillon::access
