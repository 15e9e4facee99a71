#include "crypto/token.hpp"

#include <catch2/catch.hpp>

#include "crypto/bytes.hpp"

namespace carillon::crypto {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 9h;

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

Claims Agent() {
  Claims claims;
  claims.issuer = "https://carillon.test";
  claims.audience = "carillon";
  claims.subject = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  claims.tenant = "017f22e2-79b0-7cc3-98c4-dc0c0c073990";
  claims.clients = {"017f22e2-79b0-7cc3-98c4-dc0c0c073991"};
  claims.unit = "/centre/complaints/team1/";
  claims.permissions = {"customer.read", "routing.desk"};
  claims.issued = kNow;
  claims.expires = kNow + 30min;
  claims.id = "017f22e2-79b0-7cc3-98c4-dc0c0c073992";
  return claims;
}

std::string ReasonOf(const KeySet& keys, std::string_view jwt, TimePoint at = kNow) {
  const auto result = keys.Verify(jwt, at, "https://carillon.test", "carillon");
  if (result) return "";
  CHECK(result.error().code == Code::kUnauthenticated);
  return result.error().reason;
}

// A token with any header and payload, signed by `key`.
std::string Forge(const SigningKey& key, const std::string& header, const std::string& payload) {
  const auto part = Base64Url(header) + '.' + Base64Url(payload);
  return part + '.' + Base64Url(key.SignBytes(part));
}

TEST_CASE("the ES256 signature of RFC 7515 A.3 is verified", "[crypto][token]") {
  const auto key = PublicKey::FromJwk({"EC", "P-256", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                                       "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "1", "ES256", "sig"})
                       .value();
  const std::string signed_part =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ";
  const auto signature =
      FromBase64Url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
          .value();
  CHECK(key.Verify(signed_part, signature));
  CHECK_FALSE(key.Verify(signed_part + "A", signature));
  auto changed = signature;
  changed[40] = static_cast<char>(changed[40] ^ 1);
  CHECK_FALSE(key.Verify(signed_part, changed));
  CHECK_FALSE(key.Verify(signed_part, signature.substr(1)));
  CHECK_FALSE(key.Verify(signed_part, std::string(64, '\0')));
}

TEST_CASE("the SM2 signature of GB/T 32918.5 is verified", "[crypto][token]") {
  const auto key =
      PublicKey::FromJwk(
          {"EC", "SM2", Base64Url(Bytes("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020")),
           Base64Url(Bytes("CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")), "1",
           "SM2SM3", "sig"})
          .value();
  const auto signature = Bytes(
      "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
      "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA");
  CHECK(key.Verify("message digest", signature));
  CHECK_FALSE(key.Verify("message digesu", signature));
}

TEST_CASE("a signed token gives its claims back, by either algorithm", "[crypto][token]") {
  for (const auto provider : {Provider::kIntl, Provider::kGm}) {
    const auto key = SigningKey::Generate(provider, "k1");
    const auto keys = KeySet::FromJwks({key.PublicJwk()}).value();
    CHECK(keys.Verify(key.Sign(Agent()), kNow, "https://carillon.test", "carillon").value() == Agent());
    Claims service;
    service.issuer = "https://carillon.test";
    service.audience = "carillon";
    service.subject = "services/routing";
    service.service = true;
    service.issued = kNow;
    service.expires = kNow + 30min;
    CHECK(keys.Verify(key.Sign(service), kNow, "https://carillon.test", "carillon").value() == service);
  }
}

TEST_CASE("a key that went through PEM signs for the same public key", "[crypto][token]") {
  for (const auto provider : {Provider::kIntl, Provider::kGm}) {
    const auto key = SigningKey::Generate(provider, "k1");
    const auto again = SigningKey::FromPem(key.Pem(), "k1").value();
    CHECK(again.PublicJwk() == key.PublicJwk());
    CHECK(again.algorithm() == (provider == Provider::kGm ? "SM2SM3" : "ES256"));
    CHECK(ReasonOf(KeySet::FromJwks({key.PublicJwk()}).value(), again.Sign(Agent())).empty());
  }
  CHECK_FALSE(SigningKey::FromPem("-----BEGIN PRIVATE KEY-----", "k1"));
}

TEST_CASE("each thing wrong with a token has its reason", "[crypto][token]") {
  const auto key = SigningKey::Generate(Provider::kIntl, "k1");
  const auto stranger = SigningKey::Generate(Provider::kIntl, "k1");
  const auto keys = KeySet::FromJwks({key.PublicJwk()}).value();
  const auto good = key.Sign(Agent());
  CHECK(ReasonOf(keys, good).empty());
  CHECK(ReasonOf(keys, good, kNow + 30min - 1us).empty());
  CHECK(ReasonOf(keys, good, kNow + 30min) == "TOKEN_EXPIRED");
  CHECK(ReasonOf(keys, good, kNow - 61s) == "TOKEN_EXPIRED");
  CHECK(ReasonOf(keys, stranger.Sign(Agent())) == "TOKEN_SIGNATURE");
  CHECK(ReasonOf(keys, SigningKey::Generate(Provider::kIntl, "k2").Sign(Agent())) == "TOKEN_KEY_UNKNOWN");
  CHECK(ReasonOf(keys, SigningKey::Generate(Provider::kGm, "k1").Sign(Agent())) == "TOKEN_KEY_UNKNOWN");
  auto claims = Agent();
  claims.audience = "somebody";
  CHECK(ReasonOf(keys, key.Sign(claims)) == "TOKEN_AUDIENCE");
  claims = Agent();
  claims.issuer = "https://elsewhere.test";
  CHECK(ReasonOf(keys, key.Sign(claims)) == "TOKEN_AUDIENCE");
  CHECK(ReasonOf(KeySet(), good) == "TOKEN_KEY_UNKNOWN");
}

TEST_CASE("malformed tokens are told so and never taken", "[crypto][token]") {
  const auto key = SigningKey::Generate(Provider::kIntl, "k1");
  const auto keys = KeySet::FromJwks({key.PublicJwk()}).value();
  const std::string header = R"({"alg":"ES256","kid":"k1"})";
  const std::string start = R"({"iss":"https://carillon.test","aud":"carillon")";
  const auto good = Forge(key, header, start + R"(,"sub":"u","exp":1900000000})");
  CHECK(ReasonOf(keys, good).empty());
  CHECK(ReasonOf(
            keys,
            Forge(key, header,
                  R"({"iss":"https://carillon.test","aud":["a","carillon"],"sub":"u","exp":1900000000.5})"))
            .empty());
  const std::vector<std::string> bad{
      "",
      "a",
      "a.b",
      "a.b.c",
      "...",
      "....",
      std::string(20000, 'a'),
      good + ".x",
      Forge(key, R"({"alg":"none","kid":"k1"})", start + R"(,"sub":"u","exp":1900000000})"),
      Forge(key, R"({"alg":"HS256","kid":"k1"})", start + R"(,"sub":"u","exp":1900000000})"),
      Forge(key, R"({"alg":["ES256"],"kid":"k1"})", start + R"(,"sub":"u","exp":1900000000})"),
      Forge(key, R"({"alg":"ES256","kid":"k1","crit":["b64"]})", start + R"(,"sub":"u","exp":1900000000})"),
      Forge(key, "[]", start + "}"),
      Forge(key, header, "not json"),
      Forge(key, header, start + R"(,"sub":"u"})"),
      Forge(key, header, start + R"(,"exp":1900000000})"),
      Forge(key, header, start + R"(,"sub":7,"exp":1900000000})"),
      Forge(key, header, start + R"(,"sub":"u","exp":"soon"})"),
      Forge(key, header, start + R"(,"sub":"u","exp":1e300})"),
      Forge(key, header, start + R"(,"sub":"u","exp":-1})"),
      Forge(key, header, start + R"(,"sub":"u","exp":1900000000,"svc":"true"})"),
      Forge(key, header, start + R"(,"sub":"u","exp":1900000000,"perms":"access.admin"})"),
      Forge(key, header, start + R"(,"sub":"u","exp":1900000000,"cids":[1]})")};
  for (const auto& jwt : bad) {
    INFO(jwt.substr(0, 200));
    CHECK(ReasonOf(keys, jwt) == "TOKEN_MALFORMED");
  }
}

TEST_CASE("only points on our two curves are keys", "[crypto][token]") {
  const auto good = SigningKey::Generate(Provider::kIntl, "k1").PublicJwk();
  CHECK(PublicKey::FromJwk(good));
  auto jwk = good;
  jwk.x = Base64Url(std::string(32, '\x07'));
  CHECK_FALSE(PublicKey::FromJwk(jwk));
  jwk = good;
  jwk.alg = "SM2SM3";
  CHECK_FALSE(PublicKey::FromJwk(jwk));
  jwk = good;
  jwk.kty = "RSA";
  CHECK_FALSE(PublicKey::FromJwk(jwk));
  jwk = good;
  jwk.kid = "";
  CHECK_FALSE(KeySet::FromJwks({jwk}));
}

}  // namespace
}  // namespace carillon::crypto
