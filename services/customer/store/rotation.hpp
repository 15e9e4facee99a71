#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "customer/store/vault.hpp"
#include "pg/tx.hpp"

/// What was sealed under another key is sealed again under the active one. Runs as the worker, over all
/// tenants.
namespace carillon::customer::store {

/// Notes that values are written under the active key now; to be said every minute, real time. Returns when
/// the sweep it still needs begins; nothing when one was through that began after any other key was last in
/// use.
std::optional<TimePoint> NoteKeyInUse(pg::Tx& tx, const Vault& vault);
/// A complete sweep that began then left nothing under another key.
void NoteSwept(pg::Tx& tx, const Vault& vault, TimePoint began);

/// How far a sweep over everything sealed is.
struct Sealing {
  int kind = 0;  ///< of rows: documents, accounts, versions, records
  std::string tenant = "00000000-0000-0000-0000-000000000000", id = tenant,
              part = "0";  ///< the last one done
  std::int64_t changed = 0;
  bool done = false;
};

/// Takes the next `limit` rows that are not under the active key and says how far that is. A row that cannot
/// be opened stops the sweep with its error: DATA_LOSS, or FAILED_PRECONDITION ENVELOPE_KEY_UNKNOWN.
Result<Sealing> SealAgain(pg::Tx& tx, const Vault& vault, const Sealing& at, int limit);

/// Tenants whose own fields are found by terms under another key.
std::vector<std::string> TenantsOfOldTerms(pg::Tx& tx, const Vault& vault);
/// Of those customers of the call's tenant to whom IndexFields gave new ones.
void DropOldTerms(pg::Tx& tx, const Vault& vault);

}  // namespace carillon::customer::store
