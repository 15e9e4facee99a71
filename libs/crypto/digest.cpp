#include "crypto/digest.hpp"

#include <array>

#include "base/check.hpp"
#include "crypto/openssl.hpp"

namespace carillon::crypto {
namespace {

std::string Hash(const EVP_MD* algorithm, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
  unsigned size = 0;
  CARILLON_CHECK(EVP_Digest(bytes.data(), bytes.size(), openssl::Out(out), &size, algorithm, nullptr) == 1);
  CARILLON_CHECK(size == out.size());
  return out;
}

std::string KeyedHash(const char* digest, std::string_view key, std::string_view bytes) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  CARILLON_CHECK(hmac != nullptr);
  const openssl::MacCtx ctx(EVP_MAC_CTX_new(hmac));
  std::string name(digest);
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                          OSSL_PARAM_construct_end()};
  // OpenSSL takes a null pointer for "keep the key", so an empty key needs an address.
  const unsigned char none = 0;
  const auto* material = key.empty() ? &none : openssl::In(key);
  std::string out(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  CARILLON_CHECK(EVP_MAC_init(ctx.get(), material, key.size(), params.data()) == 1);
  CARILLON_CHECK(EVP_MAC_update(ctx.get(), openssl::In(bytes), bytes.size()) == 1);
  CARILLON_CHECK(EVP_MAC_final(ctx.get(), openssl::Out(out), &size, out.size()) == 1);
  out.resize(size);
  return out;
}

}  // namespace

std::string Sha256(std::string_view bytes) { return Hash(EVP_sha256(), bytes); }
std::string Sm3(std::string_view bytes) { return Hash(EVP_sm3(), bytes); }
std::string HmacSha256(std::string_view key, std::string_view bytes) {
  return KeyedHash("SHA256", key, bytes);
}
std::string HmacSm3(std::string_view key, std::string_view bytes) { return KeyedHash("SM3", key, bytes); }

std::string Digest(Provider provider, std::string_view bytes) {
  return provider == Provider::kGm ? Sm3(bytes) : Sha256(bytes);
}

std::string Hmac(Provider provider, std::string_view key, std::string_view bytes) {
  return provider == Provider::kGm ? HmacSm3(key, bytes) : HmacSha256(key, bytes);
}

std::string DeriveKey(Provider provider, std::string_view secret, std::string_view purpose,
                      std::size_t size) {
  // RFC 5869 with an empty salt, by hand: two HMACs, and the same code for both hashes.
  const std::string extracted = Hmac(provider, std::string(32, '\0'), secret);
  std::string out;
  std::string block;
  for (char counter = 1; out.size() < size; ++counter) {
    block.append(purpose) += counter;
    block = Hmac(provider, extracted, block);
    out += block;
    CARILLON_CHECK(counter < 100);
  }
  out.resize(size);
  return out;
}

}  // namespace carillon::crypto
