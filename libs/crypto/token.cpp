#include "crypto/token.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "crypto/bytes.hpp"
#include "crypto/openssl.hpp"

namespace carillon::crypto {
namespace {

using nlohmann::json;
using std::chrono::floor;
using std::chrono::seconds;

constexpr std::size_t kMostTokenBytes = 16 * 1024;
constexpr seconds kClockSkew{60};
constexpr std::size_t kHalf = 32;  // bytes of r, of s, of a coordinate: both curves have 256 bits
// The signer's identity that GB/T 35276 prescribes when none is agreed.
constexpr std::string_view kSm2Identity = "1234567812345678";

struct Curve {
  const char* key_type;
  const char* group;
  std::string_view crv;
  std::string_view alg;
  const char* digest;
};
constexpr std::array<Curve, 2> kCurves{
    {{"EC", "P-256", "P-256", "ES256", "SHA256"}, {"SM2", "SM2", "SM2", "SM2SM3", "SM3"}}};
const Curve& CurveOf(std::string_view alg) { return alg == kCurves[1].alg ? kCurves[1] : kCurves[0]; }

Error KeyMalformed(std::string what) { return InvalidArgument("KEY_MALFORMED", std::move(what)); }

// OpenSSL speaks DER, JOSE r || s.
std::string ToDer(std::string_view raw) {
  const openssl::Signature signature(ECDSA_SIG_new());
  const auto half = static_cast<int>(kHalf);
  CARILLON_CHECK(ECDSA_SIG_set0(signature.get(), BN_bin2bn(openssl::In(raw), half, nullptr),
                                BN_bin2bn(openssl::In(raw.substr(kHalf)), half, nullptr)) == 1);
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  CARILLON_CHECK(size > 0);
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = openssl::Out(der);
  CARILLON_CHECK(i2d_ECDSA_SIG(signature.get(), &out) == size);
  return der;
}

std::string FromDer(std::string_view der) {
  const auto* in = openssl::In(der);
  const openssl::Signature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  CARILLON_CHECK(signature != nullptr);
  std::string raw(2 * kHalf, '\0');
  const auto half = static_cast<int>(kHalf);
  CARILLON_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), openssl::Out(raw), half) == half);
  CARILLON_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), openssl::Out(raw) + kHalf, half) == half);
  return raw;
}

// Begins to sign or to verify. The identity that enters an SM2 signature is set afterwards: OpenSSL 3.0.19
// refuses it among the parameters of the beginning. ECDSA has none.
template <class Begin>
openssl::MdCtx Begun(Begin begin, const Curve& curve, EVP_PKEY* key) {
  openssl::MdCtx ctx(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inside = nullptr;
  CARILLON_CHECK(begin(ctx.get(), &inside, curve.digest, nullptr, nullptr, key, nullptr) == 1);
  if (curve.alg == kCurves[1].alg)
    CARILLON_CHECK(EVP_PKEY_CTX_set1_id(inside, kSm2Identity.data(), kSm2Identity.size()) == 1);
  return ctx;
}

std::string Coordinate(const EVP_PKEY* key, const char* which) {
  BIGNUM* number = nullptr;
  CARILLON_CHECK(EVP_PKEY_get_bn_param(key, which, &number) == 1);
  const openssl::BigNum owned(number);
  std::string bytes(kHalf, '\0');
  CARILLON_CHECK(BN_bn2binpad(number, openssl::Out(bytes), static_cast<int>(kHalf)) ==
                 static_cast<int>(kHalf));
  return bytes;
}

Error Refused(std::string reason, std::string message) {
  return Unauthenticated(std::move(reason), std::move(message));
}
Error TokenMalformed(const std::string& what) {
  return Refused("TOKEN_MALFORMED", "The token is malformed: " + what + ".");
}

Result<json> Section(std::string_view text, const char* what) {
  const auto bytes = FromBase64Url(text);
  if (!bytes) return TokenMalformed(std::string(what) + " is not base64url");
  auto parsed = json::parse(*bytes, nullptr, false);
  if (!parsed.is_object()) return TokenMalformed(std::string(what) + " is not a JSON object");
  return parsed;
}

// A claim of the right type, or nothing when it is absent; a claim of another type is an error.
Result<std::string> Text(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end()) return std::string();
  if (!it->is_string()) return TokenMalformed(std::string(key) + " is not a string");
  return it->get<std::string>();
}

Result<std::vector<std::string>> Texts(const json& object, const char* key) {
  std::vector<std::string> out;
  const auto it = object.find(key);
  if (it == object.end()) return out;
  if (!it->is_array()) return TokenMalformed(std::string(key) + " is not a list");
  for (const auto& item : *it) {
    if (!item.is_string()) return TokenMalformed(std::string(key) + " holds something else than strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<std::optional<TimePoint>> Instant(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end()) return std::optional<TimePoint>();
  // NumericDate may have a fraction; 2^53 bounds what a double holds exactly.
  if (!it->is_number() || it->get<double>() < 0 || it->get<double>() > 253402300799.0)
    return TokenMalformed(std::string(key) + " is not a time");
  return std::optional(TimePoint(seconds(static_cast<std::int64_t>(it->get<double>()))));
}

Result<Claims> ToClaims(const json& object, TimePoint now, std::string_view issuer,
                        std::string_view audience) {
  Claims claims;
  TRY(claims.issuer, Text(object, "iss"));
  TRY(claims.subject, Text(object, "sub"));
  TRY(claims.tenant, Text(object, "tid"));
  TRY(claims.unit, Text(object, "unit"));
  TRY(claims.id, Text(object, "jti"));
  TRY(claims.clients, Texts(object, "cids"));
  TRY(claims.permissions, Texts(object, "perms"));
  TRY(const auto expires, Instant(object, "exp"));
  TRY(const auto issued, Instant(object, "iat"));
  TRY(const auto not_before, Instant(object, "nbf"));
  if (!expires) return TokenMalformed("exp is missing");
  if (claims.subject.empty()) return TokenMalformed("sub is missing");
  if (const auto svc = object.find("svc"); svc != object.end()) {
    if (!svc->is_boolean()) return TokenMalformed("svc is not a boolean");
    claims.service = svc->get<bool>();
  }
  std::vector<std::string> audiences;
  if (const auto aud = object.find("aud"); aud != object.end() && aud->is_string()) {
    audiences.push_back(aud->get<std::string>());
  } else {
    TRY(audiences, Texts(object, "aud"));
  }
  if (claims.issuer != issuer) return Refused("TOKEN_AUDIENCE", "The token was issued by somebody else.");
  if (std::find(audiences.begin(), audiences.end(), audience) == audiences.end())
    return Refused("TOKEN_AUDIENCE", "The token is meant for another audience.");
  claims.audience = audience;
  claims.expires = *expires;
  claims.issued = issued.value_or(TimePoint{});
  if (now >= claims.expires) return Refused("TOKEN_EXPIRED", "The token has expired.");
  if (claims.issued > now + kClockSkew || (not_before && *not_before > now + kClockSkew))
    return Refused("TOKEN_EXPIRED", "The token is not valid yet.");
  return claims;
}

}  // namespace

struct PublicKey::Key {
  openssl::Pkey pkey;
};

struct SigningKey::Key {
  openssl::Pkey pkey;
};

Result<PublicKey> PublicKey::FromJwk(const Jwk& jwk) {
  const auto curve = std::find_if(kCurves.begin(), kCurves.end(),
                                  [&](const Curve& c) { return c.crv == jwk.crv && c.alg == jwk.alg; });
  if (jwk.kty != "EC" || curve == kCurves.end())
    return KeyMalformed("Keys are EC on P-256 with ES256 or on SM2 with SM2SM3.");
  const auto x = FromBase64Url(jwk.x);
  const auto y = FromBase64Url(jwk.y);
  if (!x || !y || x->size() != kHalf || y->size() != kHalf)
    return KeyMalformed("A coordinate is not 32 bytes in base64url.");
  std::string point = '\x04' + *x + *y;
  std::string group = curve->group;
  std::array params{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                    OSSL_PARAM_construct_end()};
  const openssl::PkeyCtx ctx(EVP_PKEY_CTX_new_from_name(nullptr, curve->key_type, nullptr));
  EVP_PKEY* raw = nullptr;
  CARILLON_CHECK(ctx != nullptr && EVP_PKEY_fromdata_init(ctx.get()) == 1);
  const int made = EVP_PKEY_fromdata(ctx.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.data());
  openssl::Pkey pkey(raw);
  if (made != 1) return KeyMalformed("The point is not on the curve.");
  const openssl::PkeyCtx checker(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
  if (checker == nullptr || EVP_PKEY_public_check(checker.get()) != 1)
    return KeyMalformed("The point is not on the curve.");
  PublicKey key;
  key.key_ = std::make_shared<const Key>(Key{std::move(pkey)});
  key.algorithm_ = curve->alg;
  return key;
}

bool PublicKey::Verify(std::string_view bytes, std::string_view signature) const {
  if (signature.size() != 2 * kHalf) return false;
  const auto& curve = CurveOf(algorithm_);
  const auto der = ToDer(signature);
  const auto ctx = Begun(EVP_DigestVerifyInit_ex, curve, key_->pkey.get());
  return EVP_DigestVerify(ctx.get(), openssl::In(der), der.size(), openssl::In(bytes), bytes.size()) == 1;
}

Result<KeySet> KeySet::FromJwks(const std::vector<Jwk>& keys) {
  KeySet set;
  for (const auto& jwk : keys) {
    if (jwk.kid.empty()) return KeyMalformed("A key has no kid.");
    TRY(auto key, PublicKey::FromJwk(jwk));
    set.keys_.insert_or_assign(jwk.kid, std::move(key));
  }
  return set;
}

Result<Claims> KeySet::Verify(std::string_view jwt, TimePoint real_now, std::string_view issuer,
                              std::string_view audience) const {
  if (jwt.size() > kMostTokenBytes) return TokenMalformed("it is too long");
  const auto first = jwt.find('.');
  const auto second = first == std::string_view::npos ? first : jwt.find('.', first + 1);
  if (second == std::string_view::npos || jwt.find('.', second + 1) != std::string_view::npos)
    return TokenMalformed("it does not have three parts");
  TRY(const auto header, Section(jwt.substr(0, first), "the header"));
  TRY(const auto alg, Text(header, "alg"));
  TRY(const auto kid, Text(header, "kid"));
  if (std::none_of(kCurves.begin(), kCurves.end(), [&](const Curve& c) { return c.alg == alg; }))
    return TokenMalformed("its algorithm is not one of ours");
  if (header.contains("crit")) return TokenMalformed("it asks for extensions");
  const auto key = keys_.find(kid);
  if (key == keys_.end() || key->second.algorithm() != alg)
    return Refused("TOKEN_KEY_UNKNOWN", "The token's key is not one of the issuer's.");
  const auto signature = FromBase64Url(jwt.substr(second + 1));
  if (!signature) return TokenMalformed("the signature is not base64url");
  if (!key->second.Verify(jwt.substr(0, second), *signature))
    return Refused("TOKEN_SIGNATURE", "The token's signature does not fit.");
  TRY(const auto payload, Section(jwt.substr(first + 1, second - first - 1), "the payload"));
  return ToClaims(payload, real_now, issuer, audience);
}

SigningKey SigningKey::Generate(Provider provider, std::string kid) {
  const auto& curve = provider == Provider::kGm ? kCurves[1] : kCurves[0];
  openssl::Pkey pkey(provider == Provider::kGm ? EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2")
                                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.group));
  CARILLON_CHECK(pkey != nullptr);
  SigningKey key;
  key.key_ = std::make_shared<const Key>(Key{std::move(pkey)});
  key.kid_ = std::move(kid);
  key.algorithm_ = curve.alg;
  return key;
}

Result<SigningKey> SigningKey::FromPem(std::string_view pem, std::string kid) {
  const openssl::Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  openssl::Pkey pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!pkey) return KeyMalformed("The text is not a private key in PEM.");
  std::array<char, 32> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(pkey.get(), group.data(), group.size(), &size) != 1)
    return KeyMalformed("The private key is on no named curve.");
  const std::string_view name(group.data(), size);
  if (name != "prime256v1" && name != "P-256" && name != "SM2")
    return KeyMalformed("The private key is on another curve than P-256 and SM2.");
  SigningKey key;
  key.key_ = std::make_shared<const Key>(Key{std::move(pkey)});
  key.kid_ = std::move(kid);
  key.algorithm_ = name == "SM2" ? "SM2SM3" : "ES256";
  return key;
}

std::string SigningKey::SignBytes(std::string_view bytes) const {
  const auto ctx = Begun(EVP_DigestSignInit_ex, CurveOf(algorithm_), key_->pkey.get());
  std::size_t size = 0;
  CARILLON_CHECK(EVP_DigestSign(ctx.get(), nullptr, &size, openssl::In(bytes), bytes.size()) == 1);
  std::string der(size, '\0');
  CARILLON_CHECK(EVP_DigestSign(ctx.get(), openssl::Out(der), &size, openssl::In(bytes), bytes.size()) == 1);
  der.resize(size);
  return FromDer(der);
}

std::string SigningKey::Sign(const Claims& claims) const {
  const auto numeric = [](TimePoint at) { return floor<seconds>(at).time_since_epoch().count(); };
  json payload{{"iss", claims.issuer},
               {"aud", claims.audience},
               {"sub", claims.subject},
               {"iat", numeric(claims.issued)},
               {"exp", numeric(claims.expires)}};
  if (!claims.id.empty()) payload["jti"] = claims.id;
  if (!claims.tenant.empty()) payload["tid"] = claims.tenant;
  if (!claims.clients.empty()) payload["cids"] = claims.clients;
  if (!claims.unit.empty()) payload["unit"] = claims.unit;
  if (!claims.permissions.empty()) payload["perms"] = claims.permissions;
  if (claims.service) payload["svc"] = true;
  const json header{{"alg", algorithm_}, {"kid", kid_}, {"typ", "JWT"}};
  const auto dump = [](const json& object) {
    return Base64Url(object.dump(-1, ' ', false, json::error_handler_t::replace));
  };
  const auto signed_part = dump(header) + '.' + dump(payload);
  return signed_part + '.' + Base64Url(SignBytes(signed_part));
}

Jwk SigningKey::PublicJwk() const {
  const auto& curve = CurveOf(algorithm_);
  return {"EC",
          std::string(curve.crv),
          Base64Url(Coordinate(key_->pkey.get(), OSSL_PKEY_PARAM_EC_PUB_X)),
          Base64Url(Coordinate(key_->pkey.get(), OSSL_PKEY_PARAM_EC_PUB_Y)),
          kid_,
          algorithm_,
          "sig"};
}

std::string SigningKey::Pem() const {
  const openssl::Bio bio(BIO_new(BIO_s_mem()));
  CARILLON_CHECK(
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key_->pkey.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace carillon::crypto
