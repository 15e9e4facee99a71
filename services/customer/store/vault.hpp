#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "carillon/customer/v1/customer.pb.h"
#include "crypto/envelope.hpp"

/// Keeps the numbers of identifiers and accounts: sealed at rest, found by a keyed hash. Immutable,
/// thread-safe.
namespace carillon::customer::store {

namespace pb = carillon::customer::v1;

class Vault {
 public:
  /// `keys` is "id:secret[,id:secret…]", secrets of at least 32 characters, the first one active; the others
  /// are there to read what was sealed before a rotation. `provider` is "intl" or "gm". INVALID_ARGUMENT
  /// VAULT_KEYS.
  static Result<Vault> Make(std::string_view provider, std::string_view keys);

  /// Replaces every number by its sealed form, bound to this customer.
  void Seal(pb::Customer& customer) const;
  /// The opposite. DATA_LOSS when a number was tampered with.
  Result<void> Open(pb::Customer& customer) const;

  /// Under the active key, for storing.
  std::string Hash(const pb::Identifier& identifier) const;
  std::string Hash(const pb::Account& account) const;
  /// Under every key of the ring, for finding.
  std::vector<std::string> Hashes(const pb::Identifier& identifier) const;
  std::vector<std::string> Hashes(const pb::Account& account) const;
  /// What a source said, sealed and bound to its record; and back.
  std::string SealRecord(std::string_view bytes, std::string_view record_name) const {
    return records_.Seal(bytes, record_name);
  }
  Result<std::string> OpenRecord(std::string_view sealed, std::string_view record_name) const {
    return records_.Open(sealed, record_name);
  }
  /// How texts under the active key begin.
  std::string SealedBeginning() const { return BeginningOf(records_.Seal("", "")); }
  std::string HashBeginning() const { return BeginningOf(numbers_.LookupHash("")); }
  /// A name for a phone number that says nothing about it, for keys outside the database.
  std::string NumberTag(std::string_view e164) const { return numbers_.LookupHash(e164); }
  /// The same for any value, under every key of the ring, the active one first.
  std::vector<std::string> Tags(std::string_view text) const;

 private:
  Vault(crypto::Envelope identifiers, crypto::Envelope accounts, crypto::Envelope numbers,
        crypto::Envelope records, std::vector<std::string> ids)
      : identifiers_(std::move(identifiers)),
        accounts_(std::move(accounts)),
        numbers_(std::move(numbers)),
        records_(std::move(records)),
        key_ids_(std::move(ids)) {}
  static std::string BeginningOf(const std::string& text) { return text.substr(0, text.rfind('.') + 1); }
  crypto::Envelope identifiers_, accounts_, numbers_, records_;
  std::vector<std::string> key_ids_;
};

}  // namespace carillon::customer::store
