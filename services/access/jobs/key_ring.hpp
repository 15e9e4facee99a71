#pragma once
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "access/domain/key_rotation.hpp"
#include "access/settings.hpp"
#include "base/call.hpp"
#include "base/result.hpp"
#include "crypto/envelope.hpp"
#include "crypto/token.hpp"
#include "pg/pool.hpp"

namespace carillon::access {

/// The signing keys, in memory as they are in the database. Refresh() carries out what domain::PlanRotation
/// says; several processes may do so at once. Thread-safe.
class KeyRing {
 public:
  /// Throws std::runtime_error when a master key is of no use.
  KeyRing(pg::Pool& worker_db, const Settings& settings);

  /// Reads, rotates, and seals again what an older master key sealed. An error leaves the keys as they were.
  Result<void> Refresh(const Call& call, TimePoint real_now);

  /// UNAVAILABLE SIGNING_KEY_MISSING before the first Refresh().
  Result<std::string> Sign(const crypto::Claims& claims, TimePoint real_now) const;
  /// The key that signs now; UNAVAILABLE SIGNING_KEY_MISSING before the first Refresh().
  Result<crypto::SigningKey> Active(TimePoint real_now) const;
  /// Every key that is not removed yet.
  std::vector<crypto::SigningKey> All() const;
  std::vector<crypto::Jwk> PublicKeys() const;
  Result<crypto::KeySet> Verifiers() const;
  std::string Algorithm() const;

 private:
  struct Entry {
    domain::KeyTimes times;
    crypto::SigningKey key;
  };
  pg::Pool& db_;
  crypto::Provider provider_;
  crypto::Envelope envelope_;
  domain::RotationPolicy policy_;
  mutable std::shared_mutex mutex_;
  std::vector<Entry> keys_;
};

/// "a=x,b=y" as a map; throws std::runtime_error for anything else.
std::map<std::string, std::string, std::less<>> ParsePairs(const std::string& text,
                                                           const std::string& setting);

}  // namespace carillon::access
