#include "crypto/password.hpp"

#include <argon2.h>

#include <array>

#include "base/check.hpp"
#include "crypto/bytes.hpp"

namespace carillon::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
// A stored string must not be able to ask for gigabytes.
constexpr std::uint32_t kMostMemoryKib = 256 * 1024;

bool CostIsSane(const std::string& encoded) {
  const auto at = encoded.find("$m=");
  if (at == std::string::npos) return false;
  std::uint64_t memory = 0;
  for (std::size_t i = at + 3; i < encoded.size() && encoded[i] >= '0' && encoded[i] <= '9' && i < at + 13;
       ++i)
    memory = memory * 10 + static_cast<std::uint64_t>(encoded[i] - '0');
  return memory <= kMostMemoryKib;
}

}  // namespace

std::string HashPassword(std::string_view password) {
  const auto salt = RandomBytes(kSaltBytes);
  std::array<char, 160> encoded{};
  CARILLON_CHECK(argon2id_hash_encoded(kArgon2Passes, kArgon2MemoryKib, kArgon2Lanes, password.data(),
                                       password.size(), salt.data(), salt.size(), kHashBytes, encoded.data(),
                                       encoded.size()) == ARGON2_OK);
  return encoded.data();
}

bool VerifyPassword(std::string_view encoded, std::string_view password) {
  if (encoded.empty()) {
    static_cast<void>(HashPassword(password));
    return false;
  }
  const std::string text(encoded);
  return text.starts_with("$argon2id$") && CostIsSane(text) &&
         argon2id_verify(text.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool IsOutdated(std::string_view encoded) {
  const auto current = "$argon2id$v=19$m=" + std::to_string(kArgon2MemoryKib) +
                       ",t=" + std::to_string(kArgon2Passes) + ",p=" + std::to_string(kArgon2Lanes) + "$";
  return !encoded.starts_with(current);
}

}  // namespace carillon::crypto
