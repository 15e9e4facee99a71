#include "crypto/envelope.hpp"

#include <catch2/catch.hpp>

#include "base/ids.hpp"

namespace carillon::crypto {
namespace {

std::string FromHex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

Envelope Ring(Provider provider, std::string active, std::string purpose = "customers") {
  return Envelope::Make(provider, {{"k1", std::string(32, 'a')}, {"k2", std::string(40, 'b')}},
                        std::move(active), std::move(purpose))
      .value();
}

TEST_CASE("AES-256-GCM gives the text and tag of NIST's test case 16", "[crypto][envelope]") {
  const auto key = FromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const auto nonce = FromHex("cafebabefacedbaddecaf888");
  const auto plain = FromHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
      "f5aa0de657"
      "ba637b39");
  const auto associated = FromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto sealed = AeadSeal(Provider::kIntl, key, nonce, plain, associated);
  CHECK(Hex(sealed) ==
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f6"
        "1e6393ba7a0a"
        "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
  CHECK(AeadOpen(Provider::kIntl, key, nonce, sealed, associated).value() == plain);
  CHECK(Hex(AeadSeal(Provider::kIntl, std::string(32, '\0'), std::string(12, '\0'), "", "")) ==
        "530f8afbc74536b9a963b4f1c4cb738b");
}

TEST_CASE("SM4 in counter mode encrypts its counter as GB/T 32907 A.1 says", "[crypto][envelope]") {
  const auto block = FromHex("0123456789abcdeffedcba9876543210");
  const auto sealed = AeadSeal(Provider::kGm, block + std::string(32, 'm'), block, std::string(16, '\0'), "");
  CHECK(Hex(sealed.substr(0, 16)) == "681edf34d206965e86b3e94f536e4246");
  CHECK(sealed.size() == 16 + 32);
}

TEST_CASE("a sealed value opens in its context, whichever provider made it", "[crypto][envelope]") {
  for (const auto provider : {Provider::kIntl, Provider::kGm}) {
    const auto ring = Ring(provider, "k1");
    for (const std::string plain : {"", "110101199003074524", "\0\xff\x01"}) {
      const auto sealed = ring.Seal(plain, "row 1");
      CHECK(sealed.starts_with(provider == Provider::kGm ? "SM4CTR-HMACSM3.k1." : "A256GCM.k1."));
      CHECK(ring.Open(sealed, "row 1").value() == plain);
      CHECK(ring.Seal(plain, "row 1") != sealed);
      CHECK(ring.Open(sealed, "row 2").error().reason == "ENVELOPE_BROKEN");
      CHECK(Ring(provider, "k1", "orders").Open(sealed, "row 1").error().reason == "ENVELOPE_BROKEN");
      CHECK(ring.IsCurrent(sealed));
    }
  }
}

TEST_CASE("every changed letter of a sealed value is noticed", "[crypto][envelope]") {
  for (const auto provider : {Provider::kIntl, Provider::kGm}) {
    const auto ring = Ring(provider, "k1");
    const auto sealed = ring.Seal("secret", "row");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      auto changed = sealed;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      CHECK_FALSE(ring.Open(changed, "row"));
      CHECK_FALSE(ring.Open(sealed.substr(0, i), "row"));
    }
  }
}

TEST_CASE("after a rotation old values open and are told apart from current ones", "[crypto][envelope]") {
  const auto before = Ring(Provider::kIntl, "k1").Seal("value", "row");
  const auto after = Ring(Provider::kGm, "k2");
  CHECK(after.Open(before, "row").value() == "value");
  CHECK_FALSE(after.IsCurrent(before));
  const auto without =
      Envelope::Make(Provider::kGm, {{"k2", std::string(40, 'b')}}, "k2", "customers").value();
  const auto refused = without.Open(before, "row");
  CHECK(refused.error().reason == "ENVELOPE_KEY_UNKNOWN");
  CHECK(refused.error().metadata.at("key") == "k1");
}

TEST_CASE("a look-up hash finds equal values under one key only", "[crypto][envelope]") {
  const auto ring = Ring(Provider::kIntl, "k1");
  CHECK(ring.LookupHash("13800138000") == ring.LookupHash("13800138000"));
  CHECK(ring.LookupHash("13800138000") != ring.LookupHash("13800138001"));
  CHECK(ring.LookupHash("13800138000") != ring.LookupHash("13800138000", "k2"));
  CHECK(Ring(Provider::kIntl, "k2").LookupHash("x") == ring.LookupHash("x", "k2"));
  CHECK(ring.LookupHash("13800138000").starts_with("HS256.k1."));
}

TEST_CASE("weak or missing keys are refused", "[crypto][envelope]") {
  CHECK_FALSE(Envelope::Make(Provider::kIntl, {{"k1", "short"}}, "k1", "p"));
  CHECK_FALSE(Envelope::Make(Provider::kIntl, {{"k1", std::string(32, 'x')}}, "k2", "p"));
  CHECK_FALSE(Envelope::Make(Provider::kIntl, {{"k.1", std::string(32, 'x')}}, "k.1", "p"));
}

TEST_CASE("a ring is read from its settings, and its first key is the active one", "[crypto][envelope]") {
  const std::string secret(32, 's');
  const auto ring = KeyRing::Parse("gm", "k2:" + secret + ",k1:a:" + secret).value();
  CHECK(ring.provider == Provider::kGm);
  CHECK(ring.ids == std::vector<std::string>{"k2", "k1"});
  CHECK(ring.secrets.at("k1") == "a:" + secret);
  CHECK(Envelope::Make(ring, "p").value().active() == "k2");
  for (const auto& [provider, keys] : {std::pair{"intl", ""}, {"intl", "no-colon"}, {"other", "k:s"}})
    CHECK(KeyRing::Parse(provider, keys).error().reason == "VAULT_KEYS");
}

}  // namespace
}  // namespace carillon::crypto
