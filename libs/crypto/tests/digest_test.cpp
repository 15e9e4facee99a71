#include "crypto/digest.hpp"

#include <catch2/catch.hpp>

#include "base/ids.hpp"
#include "crypto/bytes.hpp"

namespace carillon::crypto {
namespace {

std::string Unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4", "[crypto][digest]") {
  CHECK(Hex(Sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Hex(Sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("SM3 gives the digests of GB/T 32905", "[crypto][digest]") {
  CHECK(Hex(Sm3("abc")) == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string message;
  for (int i = 0; i < 16; ++i) message += "abcd";
  CHECK(Hex(Sm3(message)) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST_CASE("HMAC-SHA-256 gives the tags of RFC 4231", "[crypto][digest]") {
  CHECK(Hex(HmacSha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(Hex(HmacSha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(Hex(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty key is a key", "[crypto][digest]") {
  CHECK(Hex(HmacSha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("keys are derived as RFC 5869 A.3 says", "[crypto][digest]") {
  CHECK(Hex(DeriveKey(Provider::kIntl, std::string(22, '\x0b'), "", 42)) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  CHECK(DeriveKey(Provider::kGm, "secret", "one", 32) != DeriveKey(Provider::kGm, "secret", "two", 32));
}

TEST_CASE("base64url is RFC 4648's without padding and takes nothing else", "[crypto][bytes]") {
  CHECK(Base64Url("").empty());
  CHECK(Base64Url("f") == "Zg");
  CHECK(Base64Url("fo") == "Zm8");
  CHECK(Base64Url("foobar") == "Zm9vYmFy");
  CHECK(Base64Url(Unhex("fbff")) == "-_8");
  CHECK(FromBase64Url("-_8").value() == Unhex("fbff"));
  for (const auto* bad : {"Z", "Zg==", "Zh", "Zm 8", "+_8", "Zm9vY"}) CHECK_FALSE(FromBase64Url(bad));
  const auto random = RandomBytes(77);
  CHECK(FromBase64Url(Base64Url(random)).value() == random);
  CHECK(RandomBytes(16) != RandomBytes(16));
}

TEST_CASE("secrets are equal only when all bytes are", "[crypto][bytes]") {
  CHECK(SecretEqual("abc", "abc"));
  CHECK_FALSE(SecretEqual("abc", "abd"));
  CHECK_FALSE(SecretEqual("abc", "ab"));
}

}  // namespace
}  // namespace carillon::crypto
