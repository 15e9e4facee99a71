#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/envelope.hpp"

/// What only this service can make: dial tokens, and hashes of numbers nobody else can look up. Immutable,
/// thread-safe.
namespace carillon::campaign::store {

/// What a dial token says.
struct DialToken {
  std::string tenant;   ///< uuid
  std::string attempt;  ///< attempts/{uuid}
  TimePoint expires;    ///< business time
};

class Vault {
 public:
  /// `keys` is "id:secret[,id:secret…]", secrets of at least 32 characters, the first one active; the others
  /// are there to read what was made before a rotation. `provider` is "intl" or "gm". INVALID_ARGUMENT
  /// VAULT_KEYS, ENVELOPE_KEYS.
  static Result<Vault> Make(std::string_view provider, std::string_view keys);

  /// `<attempt>.<tenant>.<expiry>.<algorithm>.<key id>.<keyed hash of all before>`; the same for the same.
  std::string Sign(const DialToken& token) const;
  /// The opposite, in a time that does not tell where it differs. INVALID_ARGUMENT DIAL_TOKEN_INVALID.
  Result<DialToken> Verify(std::string_view text) const;

  /// Of an E.164 number under the active key, for storing.
  std::string NumberHash(std::string_view number) const { return numbers_.LookupHash(number); }
  /// Under every key of the ring, for finding.
  std::vector<std::string> NumberHashes(std::string_view number) const;

 private:
  Vault(crypto::Envelope tokens, crypto::Envelope numbers, std::vector<std::string> ids)
      : tokens_(std::move(tokens)), numbers_(std::move(numbers)), key_ids_(std::move(ids)) {}
  crypto::Envelope tokens_, numbers_;
  std::vector<std::string> key_ids_;
};

}  // namespace carillon::campaign::store
