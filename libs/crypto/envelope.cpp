#include "crypto/envelope.hpp"

#include <algorithm>
#include <limits>

#include "crypto/openssl.hpp"

namespace carillon::crypto {
namespace {

constexpr std::string_view kGcmName = "A256GCM";
constexpr std::string_view kSm4Name = "SM4CTR-HMACSM3";

struct Sizes {
  std::size_t key;
  std::size_t nonce;
  std::size_t tag;
};
constexpr Sizes SizesOf(Provider provider) {
  return provider == Provider::kGm ? Sizes{48, 16, 32} : Sizes{32, 12, 16};
}

Error Broken() {
  return {Code::kDataLoss, "ENVELOPE_BROKEN", "The sealed value was changed or belongs elsewhere.", {}, {}};
}

int Length(std::string_view bytes) {
  CARILLON_CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

std::string GcmSeal(std::string_view key, std::string_view nonce, std::string_view plain,
                    std::string_view associated) {
  const openssl::CipherCtx ctx(EVP_CIPHER_CTX_new());
  int written = 0;
  std::string out(plain.size() + SizesOf(Provider::kIntl).tag, '\0');
  CARILLON_CHECK(
      EVP_EncryptInit_ex2(ctx.get(), EVP_aes_256_gcm(), openssl::In(key), openssl::In(nonce), nullptr) == 1);
  if (!associated.empty())
    CARILLON_CHECK(
        EVP_EncryptUpdate(ctx.get(), nullptr, &written, openssl::In(associated), Length(associated)) == 1);
  if (!plain.empty())
    CARILLON_CHECK(
        EVP_EncryptUpdate(ctx.get(), openssl::Out(out), &written, openssl::In(plain), Length(plain)) == 1);
  CARILLON_CHECK(EVP_EncryptFinal_ex(ctx.get(), openssl::Out(out) + plain.size(), &written) == 1);
  CARILLON_CHECK(
      EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, 16, openssl::Out(out) + plain.size()) == 1);
  return out;
}

Result<std::string> GcmOpen(std::string_view key, std::string_view nonce, std::string_view sealed,
                            std::string_view associated) {
  const auto text = sealed.substr(0, sealed.size() - 16);
  std::string tag(sealed.substr(text.size()));
  const openssl::CipherCtx ctx(EVP_CIPHER_CTX_new());
  int written = 0;
  std::string out(text.size(), '\0');
  CARILLON_CHECK(
      EVP_DecryptInit_ex2(ctx.get(), EVP_aes_256_gcm(), openssl::In(key), openssl::In(nonce), nullptr) == 1);
  if (!associated.empty())
    CARILLON_CHECK(
        EVP_DecryptUpdate(ctx.get(), nullptr, &written, openssl::In(associated), Length(associated)) == 1);
  if (!text.empty())
    CARILLON_CHECK(
        EVP_DecryptUpdate(ctx.get(), openssl::Out(out), &written, openssl::In(text), Length(text)) == 1);
  CARILLON_CHECK(EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, 16, openssl::Out(tag)) == 1);
  std::string rest(16, '\0');
  if (EVP_DecryptFinal_ex(ctx.get(), openssl::Out(rest), &written) != 1) return Broken();
  return out;
}

std::string Sm4Ctr(std::string_view key, std::string_view nonce, std::string_view bytes) {
  const openssl::CipherCtx ctx(EVP_CIPHER_CTX_new());
  int written = 0;
  std::string out(bytes.size(), '\0');
  CARILLON_CHECK(
      EVP_EncryptInit_ex2(ctx.get(), EVP_sm4_ctr(), openssl::In(key), openssl::In(nonce), nullptr) == 1);
  if (!bytes.empty())
    CARILLON_CHECK(
        EVP_EncryptUpdate(ctx.get(), openssl::Out(out), &written, openssl::In(bytes), Length(bytes)) == 1);
  return out;
}

// The length of the associated data is authenticated too, so that its end cannot be moved into the nonce.
std::string Sm4Tag(std::string_view mac_key, std::string_view nonce, std::string_view text,
                   std::string_view associated) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>((static_cast<std::uint64_t>(associated.size()) >> shift) & 255U);
  return HmacSm3(mac_key, bytes.append(associated).append(nonce).append(text));
}

bool IsKeyId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

struct SealedParts {
  std::string_view algorithm;
  std::string_view key;
  std::string_view body;
};
Result<SealedParts> Split(std::string_view sealed) {
  const auto first = sealed.find('.');
  const auto second = first == std::string_view::npos ? first : sealed.find('.', first + 1);
  if (second == std::string_view::npos) return Broken();
  return SealedParts{sealed.substr(0, first), sealed.substr(first + 1, second - first - 1),
                     sealed.substr(second + 1)};
}

}  // namespace

std::string AeadSeal(Provider provider, std::string_view key, std::string_view nonce, std::string_view plain,
                     std::string_view associated) {
  const auto sizes = SizesOf(provider);
  CARILLON_CHECK(key.size() == sizes.key && nonce.size() == sizes.nonce);
  if (provider == Provider::kIntl) return GcmSeal(key, nonce, plain, associated);
  const auto text = Sm4Ctr(key.substr(0, 16), nonce, plain);
  return text + Sm4Tag(key.substr(16), nonce, text, associated);
}

Result<std::string> AeadOpen(Provider provider, std::string_view key, std::string_view nonce,
                             std::string_view sealed, std::string_view associated) {
  const auto sizes = SizesOf(provider);
  CARILLON_CHECK(key.size() == sizes.key);
  if (nonce.size() != sizes.nonce || sealed.size() < sizes.tag) return Broken();
  if (provider == Provider::kIntl) return GcmOpen(key, nonce, sealed, associated);
  const auto text = sealed.substr(0, sealed.size() - sizes.tag);
  if (!SecretEqual(sealed.substr(text.size()), Sm4Tag(key.substr(16), nonce, text, associated)))
    return Broken();
  return Sm4Ctr(key.substr(0, 16), nonce, text);
}

Result<KeyRing> KeyRing::Parse(std::string_view provider, std::string_view keys) {
  KeyRing ring;
  while (!keys.empty()) {
    const std::string_view one = keys.substr(0, keys.find(','));
    keys.remove_prefix(std::min(keys.size(), one.size() + 1));
    const auto colon = one.find(':');
    if (colon == std::string_view::npos)
      return InvalidArgument("VAULT_KEYS", "vault.keys is not id:secret[,id:secret]");
    ring.ids.emplace_back(one.substr(0, colon));
    ring.secrets.emplace(ring.ids.back(), one.substr(colon + 1));
  }
  if (ring.ids.empty()) return InvalidArgument("VAULT_KEYS", "vault.keys names no key");
  if (provider != "intl" && provider != "gm")
    return InvalidArgument("VAULT_KEYS", "vault.provider is not intl or gm");
  ring.provider = provider == "gm" ? Provider::kGm : Provider::kIntl;
  return ring;
}

Result<Envelope> Envelope::Make(Provider provider, std::map<std::string, std::string> secrets,
                                std::string active, std::string purpose) {
  const auto wrong = [](std::string what) { return InvalidArgument("ENVELOPE_KEYS", std::move(what)); };
  if (!secrets.contains(active)) return wrong("The active key '" + active + "' is not in the ring.");
  Envelope envelope;
  for (auto& [id, secret] : secrets) {
    if (!IsKeyId(id)) return wrong("A key id holds 1 to 64 letters, digits, '-' or '_'.");
    if (secret.size() < 32) return wrong("The secret of key '" + id + "' is shorter than 32 bytes.");
    envelope.secrets_.emplace(id, std::move(secret));
  }
  envelope.provider_ = provider;
  envelope.active_ = std::move(active);
  envelope.purpose_ = std::move(purpose);
  return envelope;
}

std::string Envelope::Seal(std::string_view plain, std::string_view context) const {
  const auto sizes = SizesOf(provider_);
  const auto key = DeriveKey(provider_, secrets_.at(active_), "seal " + purpose_, sizes.key);
  const auto nonce = RandomBytes(sizes.nonce);
  return std::string(provider_ == Provider::kGm ? kSm4Name : kGcmName) + '.' + active_ + '.' +
         Base64Url(nonce + AeadSeal(provider_, key, nonce, plain, context));
}

Result<std::string> Envelope::Open(std::string_view sealed, std::string_view context) const {
  TRY(const auto parts, Split(sealed));
  if (parts.algorithm != kGcmName && parts.algorithm != kSm4Name) return Broken();
  const auto provider = parts.algorithm == kSm4Name ? Provider::kGm : Provider::kIntl;
  const auto secret = secrets_.find(parts.key);
  if (secret == secrets_.end())
    return FailedPrecondition("ENVELOPE_KEY_UNKNOWN", "The key that sealed the value is not in the ring.",
                              {{"key", std::string(parts.key)}});
  const auto body = FromBase64Url(parts.body);
  const auto sizes = SizesOf(provider);
  if (!body || body->size() < sizes.nonce + sizes.tag) return Broken();
  const auto key = DeriveKey(provider, secret->second, "seal " + purpose_, sizes.key);
  const std::string_view bytes(*body);
  return AeadOpen(provider, key, bytes.substr(0, sizes.nonce), bytes.substr(sizes.nonce), context);
}

bool Envelope::IsCurrent(std::string_view sealed) const {
  const auto parts = Split(sealed);
  return parts && parts->key == active_ &&
         parts->algorithm == (provider_ == Provider::kGm ? kSm4Name : kGcmName);
}

std::string Envelope::LookupHash(std::string_view value, std::string_view key) const {
  const auto secret = secrets_.find(key.empty() ? std::string_view(active_) : key);
  CARILLON_CHECK(secret != secrets_.end());
  const auto hash_key = DeriveKey(provider_, secret->second, "look-up " + purpose_, 32);
  return std::string(provider_ == Provider::kGm ? "HSM3." : "HS256.") + secret->first + '.' +
         Base64Url(Hmac(provider_, hash_key, value));
}

}  // namespace carillon::crypto
