#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>

#include "crypto/bytes.hpp"
#include "crypto/token.hpp"
#include "filling.hpp"
#include "world.hpp"

namespace carillon::walk {
namespace {

using namespace std::chrono_literals;

bool IsAWord(const std::string& permission) {
  return permission == "public" || permission == "authenticated" || permission == "service";
}

std::map<std::string, std::string> WrittenDown() {
  std::ifstream in("tests/walk/permissions.txt");
  std::map<std::string, std::string> out;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with("#") && line.find(' ') != std::string::npos)
      out[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
  return out;
}

/// The token of a user of A who may do everything but one thing.
const std::string& AllBut(const std::string& permission) {
  static std::map<std::string, std::string> made;
  auto& token = made[permission];
  if (token.empty()) {
    auto claims = World::The().ClaimsOf(World::The().ours());
    std::erase(claims.permissions, permission);
    token = World::The().Signed(claims);
  }
  return token;
}

std::string Encoded(const std::string& text) { return crypto::Base64Url(text); }

std::string With(const std::string& token, int part, const std::string& text) {
  const auto first = token.find('.'), second = token.find('.', first + 1);
  std::array<std::string, 3> parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                                   token.substr(second + 1)};
  parts.at(static_cast<std::size_t>(part)) = text;
  return parts[0] + "." + parts[1] + "." + parts[2];
}

/// Tokens nobody may come in with, by what is wrong with them.
std::map<std::string, std::string> BadTokens() {
  auto& world = World::The();
  const auto claims = world.ClaimsOf(world.ours());
  const auto good = world.Signed(claims);
  const auto header = Json::parse(crypto::FromBase64Url(good.substr(0, good.find('.'))).value());
  const auto body_at = good.find('.') + 1;
  const auto body =
      Json::parse(crypto::FromBase64Url(good.substr(body_at, good.find('.', body_at) - body_at)).value());
  const auto kid = header["kid"].get<std::string>();
  std::map<std::string, std::string> out{{"nonsense", "a.b.c"}, {"one word", "nonsense"}};
  auto changed = claims;
  changed.issued -= 2h;
  changed.expires = changed.issued + 1h;
  out["expired"] = world.Signed(changed);
  changed = claims;
  changed.issued += 1h;
  out["not yet"] = world.Signed(changed);
  changed = claims;
  changed.issuer = "somebody";
  out["of another issuer"] = world.Signed(changed);
  changed = claims;
  changed.audience = "somewhere";
  out["for another audience"] = world.Signed(changed);
  out["signed by another key of our name"] =
      crypto::SigningKey::Generate(crypto::Provider::kIntl, kid).Sign(claims);
  out["signed by a key nobody knows"] =
      crypto::SigningKey::Generate(crypto::Provider::kIntl, testing::SomeId()).Sign(claims);
  const auto sm2 = crypto::SigningKey::Generate(crypto::Provider::kGm, kid).Sign(claims);
  out["signed by SM2 where ES256 is due"] = sm2;
  auto other = header;
  other["alg"] = "SM2SM3";
  out["an ES256 signature that says SM2"] = With(good, 0, Encoded(other.dump()));
  other["alg"] = "none";
  out["algorithm none"] = With(With(good, 0, Encoded(other.dump())), 2, "");
  other["alg"] = "HS256";
  out["algorithm HS256"] = With(good, 0, Encoded(other.dump()));
  other = header;
  other.erase("kid");
  out["without a key's name"] = With(good, 0, Encoded(other.dump()));
  auto said = body;
  said["tid"] = world.theirs().id;
  out["of a tenant put in afterwards"] = With(good, 1, Encoded(said.dump()));
  said = body;
  said["svc"] = true;
  out["a service put in afterwards"] = With(good, 1, Encoded(said.dump()));
  out["signature of another token"] =
      good.substr(0, good.rfind('.')) + world.theirs().all.substr(world.theirs().all.rfind('.'));
  out["truncated"] = good.substr(0, good.size() - 7);
  out["without a signature"] = good.substr(0, good.rfind('.'));
  out["cut in the middle"] = good.substr(0, good.size() / 2);
  return out;
}

/// What is wrong with the guard of a method, as a user meets it; empty when it holds.
std::string Hole(const Line& line, const Method& method, const std::string& permission) {
  auto& world = World::The();
  const auto request = Needed(method, world.ours())->SerializeAsString();
  const auto ask = [&](const std::string& token) {
    return line.Ask(method.path, request, token, "", method.streaming() ? 300ms : 20000ms,
                    method.streaming());
  };
  if (permission == "public") return "";
  if (const auto none = ask(""); none.code() != Code::kUnauthenticated)
    return "without a token: " + std::to_string(static_cast<int>(none.code())) + " " + none.reason();
  if (permission == "service") {
    const auto user = ask(world.ours().all);
    return user.code() == Code::kPermissionDenied && user.reason() == "SERVICE_ONLY" ? "" : "a user came in";
  }
  if (permission == "authenticated") return "";
  const auto refused = ask(AllBut(permission));
  if (refused.code() != Code::kPermissionDenied || refused.reason() != "PERMISSION_MISSING")
    return "without " + permission + ": " + std::to_string(static_cast<int>(refused.code())) + " " +
           refused.reason();
  return refused.error->metadata.at("permission") == permission ? "" : "another permission is asked for";
}

TEST_CASE("every method refuses whoever lacks its permission", "[walk][knock]") {
  auto& world = World::The();
  const auto written = WrittenDown();
  std::map<std::string, int> by_permission;
  std::size_t walked = 0;
  for (const auto& method : Contracts::The().methods()) {
    const auto name = method.path.substr(1);
    INFO(name);
    const auto due = written.find(name);
    if (due == written.end()) {
      FAIL_CHECK("tests/walk/permissions.txt does not say who may call it");
      continue;
    }
    CHECK(method.permission == due->second);
    const auto& services = world.services();
    if (std::find(services.begin(), services.end(), method.service) == services.end()) {
      FAIL_CHECK("there is no carillon-" + method.service);
      continue;
    }
    CHECK(Hole(world.line(method.service), method, due->second) == "");
    ++by_permission[IsAWord(due->second) ? due->second : "a permission"];
    ++walked;
  }
  CHECK(walked == Contracts::The().methods().size());
  CHECK(written.size() == Contracts::The().methods().size());
  std::cout << "permissions: " << walked << " of " << Contracts::The().methods().size() << " methods:";
  for (const auto& [word, count] : by_permission) std::cout << " " << count << " " << word << ";";
  std::cout << std::endl;
}

TEST_CASE("every method refuses every token that is not a good one", "[walk][knock]") {
  auto& world = World::The();
  const auto bad = BadTokens();
  int refused = 0;
  for (const auto& method : Contracts::The().methods()) {
    if (method.permission == "public" ||
        std::find(world.services().begin(), world.services().end(), method.service) == world.services().end())
      continue;
    const auto request = Needed(method, world.ours())->SerializeAsString();
    for (const auto& [what, token] : bad) {
      INFO(method.path << " with a token " << what);
      const auto answer =
          world.line(method.service)
              .Ask(method.path, request, token, "", method.streaming() ? 300ms : 20000ms, method.streaming());
      CHECK(answer.code() == Code::kUnauthenticated);
      ++refused;
    }
  }
  std::cout << "tokens: " << bad.size() << " kinds, " << refused << " refused" << std::endl;
}

/// The bytes of a binary in which one method's guard became "public". The descriptor of a .proto lies in the
/// binary as it was compiled; a permission of n bytes becomes "public" and a field nobody knows of n - 6.
std::string Weakened(std::string binary, const Method& method) {
  const auto& name = method.descriptor->name();
  const auto& input = method.request()->full_name();
  const auto text = [](const std::string& value) { return static_cast<char>(value.size()) + value; };
  const auto at = binary.find("\x0a" + text(name) + "\x12" + text("." + input));
  if (at == std::string::npos) return "";
  const std::string tag = "\xaa\xbb\x18";  // field 50101, length-delimited
  const auto option = binary.find(tag + text(method.permission), at);
  if (option == std::string::npos || option > at + 1000) return "";
  const auto spare = method.permission.size() - 6;
  binary.replace(option, tag.size() + 1 + method.permission.size(),
                 tag + text("public") + "\x22" + static_cast<char>(spare - 2) + std::string(spare - 2, 'x'));
  return binary;
}

TEST_CASE("the walk notices a method whose guard was taken away", "[walk][knock]") {
  auto& world = World::The();
  const auto folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  int noticed = 0;
  for (const auto& service : world.services()) {
    std::vector<const Method*> guarded;
    for (const auto& method : Contracts::The().methods())
      if (method.service == service && method.permission.size() >= 8 && !IsAWord(method.permission))
        guarded.push_back(&method);
    if (guarded.empty()) continue;
    const auto& method = *guarded[static_cast<std::size_t>(Catch::rngSeed()) % guarded.size()];
    INFO(method.path);
    std::ifstream in(folder / ("carillon-" + service), std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    const auto weak = Weakened(bytes.str(), method);
    REQUIRE_FALSE(weak.empty());
    const auto path = folder / ("weak-" + std::to_string(::getpid()) + "-" + service);
    {
      std::ofstream out(path, std::ios::binary);
      out << weak;
    }
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    auto settings = world.platform().SettingsOf(service);
    settings["KAFKA_BROKERS"] = "";
    settings["METRICS"] = "127.0.0.1:0";
    {
      testing::Database database(service);
      const testing::ServiceProcess process(service, database, settings, 0, path.filename().string());
      const Line line(process.target());
      CHECK(Hole(line, method, method.permission) != "");
      for (const auto* other : guarded) {
        if (other == &method || service == "access") continue;  // a fresh access has keys of its own
        INFO(other->path);
        CHECK(Hole(line, *other, other->permission) == "");
        break;
      }
    }
    std::filesystem::remove(path);
    ++noticed;
  }
  CHECK(noticed >= 7);
  std::cout << "permissions taken away and noticed: " << noticed << std::endl;
}

}  // namespace
}  // namespace carillon::walk
