#include "access/store/keys.hpp"

#include "access/store/statements.hpp"

namespace carillon::access::store {

std::vector<StoredKey> LockKeys(pg::Tx& tx) {
  tx.Exec(kKeysLock);
  std::vector<StoredKey> out;
  for (const auto& row : tx.Exec(kKeysLoad))
    out.push_back(
        {{row["kid"].as<std::string>(), pg::TimeOf(row["created_us"]), pg::TimeOf(row["active_us"])},
         row["sealed_key"].as<std::string>()});
  return out;
}

void InsertKey(pg::Tx& tx, const StoredKey& key) {
  tx.Exec(kKeyInsert, key.times.kid, key.sealed, pg::Time(key.times.created),
          pg::Time(key.times.active_from));
}

void ResealKey(pg::Tx& tx, const std::string& kid, const std::string& sealed) {
  tx.Exec(kKeyReseal, kid, sealed);
}

void RemoveKeys(pg::Tx& tx, const std::vector<std::string>& kids) { tx.Exec(kKeyRemove, pg::Array(kids)); }

}  // namespace carillon::access::store
