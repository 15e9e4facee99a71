#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "crypto/bytes.hpp"
#include "crypto/digest.hpp"

/// Values at rest: sealed so that only the holder of the key reads them, hashed so that they can be found.
namespace carillon::crypto {

/// Authenticated encryption with one key, the primitive below Envelope.
/// `intl`: AES-256-GCM, 32-byte key, 12-byte nonce, 16-byte tag. `gm`: SM4-CTR then HMAC-SM3 over associated
/// data, nonce and ciphertext; 48-byte key (16 to encrypt, 32 to authenticate), 16-byte nonce, 32-byte tag.
/// Returns ciphertext followed by the tag.
std::string AeadSeal(Provider provider, std::string_view key, std::string_view nonce, std::string_view plain,
                     std::string_view associated);
/// DATA_LOSS ENVELOPE_BROKEN when the tag does not fit; never gives a part of the text.
Result<std::string> AeadOpen(Provider provider, std::string_view key, std::string_view nonce,
                             std::string_view sealed, std::string_view associated);

/// The secrets of a service's values at rest, as its settings give them.
struct KeyRing {
  Provider provider = Provider::kIntl;
  std::map<std::string, std::string> secrets;  ///< by key id
  std::vector<std::string> ids;                ///< as given; the first is the active one

  /// `keys` is "id:secret[,id:secret]", `provider` "intl" or "gm". INVALID_ARGUMENT VAULT_KEYS says what is
  /// wrong.
  static Result<KeyRing> Parse(std::string_view provider, std::string_view keys);
};

/// Seals and opens the values of one purpose under a ring of keys, of which one is active.
///
/// A sealed value is text, `A256GCM.<key id>.<base64url>` or `SM4CTR-HMACSM3.<key id>.<base64url>`: a value
/// of an older key or of the other provider stays readable as long as its key is in the ring. Immutable and
/// thread-safe.
class Envelope {
 public:
  /// Under the keys of a ring.
  static Result<Envelope> Make(const KeyRing& ring, std::string purpose) {
    return Make(ring.provider, ring.secrets, ring.ids.front(), std::move(purpose));
  }
  /// `secrets` maps key ids (letters, digits, '-', '_') to secrets of at least 32 bytes; `active` is one of
  /// them. `purpose` separates keys: a value sealed for one purpose cannot be opened for another.
  /// INVALID_ARGUMENT ENVELOPE_KEYS names what is wrong.
  static Result<Envelope> Make(Provider provider, std::map<std::string, std::string> secrets,
                               std::string active, std::string purpose);

  /// `context` (e.g. "customers/<id>/id_number") is authenticated with the value, so that a value moved to
  /// another row does not open.
  std::string Seal(std::string_view plain, std::string_view context) const;
  /// DATA_LOSS ENVELOPE_BROKEN, or FAILED_PRECONDITION ENVELOPE_KEY_UNKNOWN with the key's id.
  Result<std::string> Open(std::string_view sealed, std::string_view context) const;
  /// False when `sealed` should be sealed again under the active key and provider.
  bool IsCurrent(std::string_view sealed) const;

  /// A keyed hash to find equal values by, `HS256.<key id>.<base64url>` or `HSM3.…`: the same for the same
  /// value under the same key, of no use without it. `key` empty = the active one; give every id of the ring
  /// while keys rotate.
  std::string LookupHash(std::string_view value, std::string_view key = {}) const;

  const std::string& active() const { return active_; }

 private:
  Envelope() = default;
  Provider provider_ = Provider::kIntl;
  std::map<std::string, std::string, std::less<>> secrets_;
  std::string active_;
  std::string purpose_;
};

}  // namespace carillon::crypto
