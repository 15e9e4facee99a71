#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Bytes as text, random bytes, and comparing secrets. Byte strings are std::string everywhere.
namespace carillon::crypto {

/// RFC 4648 §5 without padding.
std::string Base64Url(std::string_view bytes);

/// Strict: no padding, no line breaks, no stray bits; else INVALID_ARGUMENT BASE64_MALFORMED.
Result<std::string> FromBase64Url(std::string_view text);

/// `size` bytes of the system's cryptographic random source.
std::string RandomBytes(std::size_t size);

/// Equal, in a time that depends on the lengths only.
bool SecretEqual(std::string_view left, std::string_view right);

}  // namespace carillon::crypto
