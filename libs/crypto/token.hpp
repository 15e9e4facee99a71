#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/digest.hpp"

/// Signed tokens: JSON Web Tokens (RFC 7519) by ES256 (RFC 7518 §3.4) or SM2 with SM3 (GB/T 32918.2, alg
/// "SM2SM3").
///
/// The token names its key (`kid`) and algorithm; the key decides which algorithm is right, never the token,
/// so "none" and a swapped algorithm have no effect. Times are real time: a token does not age with the
/// business clock.
namespace carillon::crypto {

/// What a Carillon access token says.
struct Claims {
  std::string issuer;                    ///< iss
  std::string audience;                  ///< aud
  std::string subject;                   ///< sub: uuid of the user, or "services/<name>"
  std::string tenant;                    ///< tid: uuid; empty in a service's token
  std::vector<std::string> clients;      ///< cids: uuids of the served enterprises
  std::string unit;                      ///< unit: org path, "/centre/complaints/team1/"
  std::vector<std::string> permissions;  ///< perms
  bool service = false;                  ///< svc: one of our own processes
  TimePoint issued;                      ///< iat, whole seconds
  TimePoint expires;                     ///< exp, whole seconds
  std::string id;                        ///< jti: uuid
  bool operator==(const Claims&) const = default;
};

/// A public key as in a JSON Web Key Set (RFC 7517). kty is "EC"; crv "P-256" with alg "ES256", or "SM2" with
/// "SM2SM3".
struct Jwk {
  std::string kty;
  std::string crv;
  std::string x;  ///< base64url, 32 bytes
  std::string y;  ///< base64url, 32 bytes
  std::string kid;
  std::string alg;
  std::string use;  ///< "sig"
  bool operator==(const Jwk&) const = default;
};

/// A key that checks signatures. Cheap to copy, thread-safe.
class PublicKey {
 public:
  /// INVALID_ARGUMENT KEY_MALFORMED for another type or curve, or a point that is not on it.
  static Result<PublicKey> FromJwk(const Jwk& jwk);
  /// `signature` is r and s, 32 bytes each (RFC 7518 §3.4), not DER.
  bool Verify(std::string_view bytes, std::string_view signature) const;
  const std::string& algorithm() const { return algorithm_; }

 private:
  struct Key;
  std::shared_ptr<const Key> key_;
  std::string algorithm_;
};

/// The public keys that tokens may be signed with, by `kid`. Immutable after filling; then thread-safe.
class KeySet {
 public:
  KeySet() = default;
  /// INVALID_ARGUMENT KEY_MALFORMED when one of them is not a key of ours; a set is all or nothing.
  static Result<KeySet> FromJwks(const std::vector<Jwk>& keys);

  /// The claims of a good token. UNAUTHENTICATED otherwise:
  /// TOKEN_MALFORMED (not a JWT, a claim missing or of another type, algorithm "none" or unknown),
  /// TOKEN_KEY_UNKNOWN (no such kid, or the kid's algorithm is another), TOKEN_SIGNATURE,
  /// TOKEN_EXPIRED (exp reached, or iat/nbf more than a minute ahead), TOKEN_AUDIENCE (iss or aud is
  /// another).
  Result<Claims> Verify(std::string_view jwt, TimePoint real_now, std::string_view issuer,
                        std::string_view audience) const;

  bool empty() const { return keys_.empty(); }
  bool Has(std::string_view kid) const { return keys_.find(kid) != keys_.end(); }

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
};

/// A private key that signs tokens. Copies share the key; thread-safe.
class SigningKey {
 public:
  /// A fresh key of the provider's signature algorithm.
  static SigningKey Generate(Provider provider, std::string kid);
  /// From Pem(); INVALID_ARGUMENT KEY_MALFORMED.
  static Result<SigningKey> FromPem(std::string_view pem, std::string kid);

  /// A compact JWT: header {alg, kid, typ:"JWT"}, claims as in Claims; empty ones are left out.
  std::string Sign(const Claims& claims) const;
  /// r and s, 32 bytes each.
  std::string SignBytes(std::string_view bytes) const;
  Jwk PublicJwk() const;
  /// PKCS #8 in PEM, in the clear: seal it (crypto/envelope.hpp) before it goes anywhere.
  std::string Pem() const;
  const std::string& kid() const { return kid_; }
  /// "ES256" or "SM2SM3".
  const std::string& algorithm() const { return algorithm_; }

 private:
  struct Key;
  std::shared_ptr<const Key> key_;
  std::string kid_;
  std::string algorithm_;
};

}  // namespace carillon::crypto
