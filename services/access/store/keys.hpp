#pragma once
#include <string>
#include <vector>

#include "access/domain/key_rotation.hpp"
#include "pg/tx.hpp"

/// Signing keys, sealed. Worker role only.
namespace carillon::access::store {

struct StoredKey {
  domain::KeyTimes times;
  std::string sealed;
};

/// All keys, latest active_from first, under the lock that lets one process change them.
std::vector<StoredKey> LockKeys(pg::Tx& tx);
void InsertKey(pg::Tx& tx, const StoredKey& key);
void ResealKey(pg::Tx& tx, const std::string& kid, const std::string& sealed);
void RemoveKeys(pg::Tx& tx, const std::vector<std::string>& kids);

}  // namespace carillon::access::store
