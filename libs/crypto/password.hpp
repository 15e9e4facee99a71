#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// Passwords: Argon2id (RFC 9106) in the PHC string format, which names algorithm, version, cost and salt.
/// A hash costs about 25 ms and 19 MiB on purpose: run it on a bounded executor.
namespace carillon::crypto {

/// Cost by the OWASP Password Storage Cheat Sheet (its first choice of equal strength): 19 MiB, 2 passes, 1
/// lane.
inline constexpr std::uint32_t kArgon2MemoryKib = 19 * 1024;
inline constexpr std::uint32_t kArgon2Passes = 2;
inline constexpr std::uint32_t kArgon2Lanes = 1;

/// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` with a fresh 16-byte salt.
std::string HashPassword(std::string_view password);

/// False for a wrong password and for a string that is no Argon2id hash. Costs the same for both when
/// `encoded` is empty, so that an unknown user takes as long as a known one.
bool VerifyPassword(std::string_view encoded, std::string_view password);

/// True when `encoded` was made at another cost and should be made again at the next good login.
bool IsOutdated(std::string_view encoded);

}  // namespace carillon::crypto
