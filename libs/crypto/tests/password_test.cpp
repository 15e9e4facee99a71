#include "crypto/password.hpp"

#include <argon2.h>

#include <catch2/catch.hpp>

#include "base/ids.hpp"

namespace carillon::crypto {
namespace {

TEST_CASE("the linked Argon2id gives the tag of RFC 9106 section 5.3", "[crypto][password]") {
  std::string out(32, '\0');
  std::string password(32, '\x01');
  std::string salt(16, '\x02');
  std::string secret(8, '\x03');
  std::string associated(12, '\x04');
  const auto bytes = [](std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); };
  argon2_context context{};
  context.out = bytes(out);
  context.outlen = 32;
  context.pwd = bytes(password);
  context.pwdlen = 32;
  context.salt = bytes(salt);
  context.saltlen = 16;
  context.secret = bytes(secret);
  context.secretlen = 8;
  context.ad = bytes(associated);
  context.adlen = 12;
  context.t_cost = 3;
  context.m_cost = 32;
  context.lanes = 4;
  context.threads = 4;
  context.version = ARGON2_VERSION_13;
  REQUIRE(argon2id_ctx(&context) == ARGON2_OK);
  CHECK(Hex(out) == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST_CASE("the reference implementation's published hash is verified", "[crypto][password]") {
  const std::string encoded =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  CHECK(VerifyPassword(encoded, "password"));
  CHECK_FALSE(VerifyPassword(encoded, "Password"));
  CHECK(IsOutdated(encoded));
}

TEST_CASE("a password is verified by its own hash only", "[crypto][password]") {
  const auto hash = HashPassword("马到成功 2026");
  CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(VerifyPassword(hash, "马到成功 2026"));
  CHECK_FALSE(VerifyPassword(hash, "马到成功 2027"));
  CHECK_FALSE(VerifyPassword(hash, ""));
  CHECK(HashPassword("马到成功 2026") != hash);
  CHECK_FALSE(IsOutdated(hash));
}

TEST_CASE("a string that is no Argon2id hash, or asks for too much memory, verifies nothing",
          "[crypto][password]") {
  for (const auto* bad :
       {"", "plain", "$argon2i$v=19$m=16,t=2,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"})
    CHECK_FALSE(VerifyPassword(bad, "password"));
}

}  // namespace
}  // namespace carillon::crypto
