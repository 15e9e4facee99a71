#pragma once
#include <string>
#include <string_view>

/// Hashes and keyed hashes of both providers; results are raw bytes (32 of them).
namespace carillon::crypto {

/// The family of algorithms: `intl` is AES, SHA-2 and NIST P-256; `gm` is SM4, SM3 and SM2 (GB/T 32905,
/// 32907, 32918).
enum class Provider { kIntl, kGm };

std::string Sha256(std::string_view bytes);
std::string Sm3(std::string_view bytes);
std::string HmacSha256(std::string_view key, std::string_view bytes);
std::string HmacSm3(std::string_view key, std::string_view bytes);

/// The provider's own: SHA-256 or SM3.
std::string Digest(Provider provider, std::string_view bytes);
std::string Hmac(Provider provider, std::string_view key, std::string_view bytes);

/// `size` bytes from one secret for one purpose (HKDF, RFC 5869, on the provider's hash), so that a key is
/// never used for two things.
std::string DeriveKey(Provider provider, std::string_view secret, std::string_view purpose, std::size_t size);

}  // namespace carillon::crypto
