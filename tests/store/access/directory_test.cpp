#include <catch2/catch.hpp>
#include <thread>

#include "access/jobs/key_ring.hpp"
#include "access/store/sessions.hpp"
#include "base/ids.hpp"
#include "fixture.hpp"

namespace carillon::access {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::access::v1;

pb::User Person(const std::string& login, const std::string& number = "") {
  pb::User user;
  user.set_name("users/" + testing::SomeId());
  user.set_login(login);
  user.set_agent_number(number);
  user.set_display_name("王芳");
  user.set_state(pb::User::ACTIVE);
  return user;
}

Result<pb::User> Insert(const Call& call, pb::User user) {
  return errors::Named(TheStore().app.Write(call, [&](pg::Tx& tx) -> Result<pb::User> {
    const auto root = store::LoadRoot(tx);
    user.set_unit(root.name());
    user.set_unit_path(root.path());
    store::InsertUser(tx, user, "$argon2id$none", RealNow());
    return user;
  }));
}

TEST_CASE("a login is taken without regard to case, an agent number once a tenant", "[access][store]") {
  const auto call = MakeTenant(SomeSlug());
  REQUIRE(Insert(call, Person("Wang.Fang", "1023")));
  CHECK(Insert(call, Person("wang.FANG")).error().reason == "LOGIN_EXISTS");
  CHECK(Insert(call, Person("li.na", "1023")).error().reason == "AGENT_NUMBER_EXISTS");
  CHECK(Insert(call, Person("li.na")));
  CHECK(Insert(call, Person("zhao.lei")));  // no number is no conflict
  CHECK(Insert(MakeTenant(SomeSlug()), Person("wang.fang", "1023")));
}

TEST_CASE("a slug is taken once in the platform", "[access][store]") {
  const auto slug = SomeSlug();
  MakeTenant(slug);
  const auto again = TheStore().app.Write(testing::CallOf(testing::SomeId()), [&](pg::Tx& tx) {
    pb::Tenant tenant;
    tenant.set_slug(slug);
    return api::MakeTenant(tx, tenant, {}, "", "TENANT_ADMIN", RealNow());
  });
  CHECK(errors::Named(again).error().reason == "TENANT_EXISTS");
}

TEST_CASE("a user comes back as saved, with roles, clients and rights", "[access][store]") {
  const auto call = MakeTenant(SomeSlug());
  auto person = Person("li.na", "2001");
  person.add_roles("CSR");
  person.add_roles("TEAM_LEADER");
  person.set_phone_number("+8613800138000");
  const auto client =
      TheStore().app.Read(call, [](pg::Tx& tx) -> Result<std::string> { return store::DefaultClient(tx); });
  person.add_clients(client.value());
  const auto saved = Insert(call, person).value();
  const auto read =
      TheStore()
          .app.Read(call, [&](pg::Tx& tx) { return store::LoadUser(tx, saved.name(), RealNow()); })
          .value();
  CHECK(read.SerializeAsString() == saved.SerializeAsString());
  const auto rights = TheStore().app.Read(
      call, [&](pg::Tx& tx) -> Result<store::Rights> { return store::LoadRights(tx, saved.name()); });
  CHECK(rights->clients == std::vector<std::string>{client->substr(8)});
  CHECK(std::find(rights->permissions.begin(), rights->permissions.end(), "telephony.control") !=
        rights->permissions.end());
}

TEST_CASE("a moved unit takes its subtree along, and nothing with a longer name", "[access][store]") {
  const auto call = MakeTenant(SomeSlug());
  const auto paths = TheStore().app.Write(call, [&](pg::Tx& tx) -> Result<std::vector<std::string>> {
    const auto root = store::LoadRoot(tx);
    const auto add = [&](const pb::OrgUnit& parent, const char* code) {
      pb::OrgUnit unit;
      unit.set_name("orgUnits/" + testing::SomeId());
      unit.set_parent(parent.name());
      unit.set_code(code);
      unit.set_type(pb::OrgUnit::TEAM);
      unit.set_path(parent.path() + code + "/");
      store::InsertUnit(tx, unit);
      return unit;
    };
    const auto outbound = add(root, "outbound");
    const auto complaints = add(root, "complaints");
    const auto team = add(outbound, "t1");
    add(team, "s1");
    add(outbound, "t12");
    CHECK(store::DeepestUnit(tx) == 3);
    CHECK(store::DeepestBelow(tx, team.path()).ends_with("/t1/s1/"));
    store::MoveUnits(tx, team.path(), complaints.path() + "t1/");
    std::vector<std::string> out;
    for (const auto& unit : store::ListUnits(tx, "", "", 10))
      out.push_back(unit.path().substr(root.path().size() - 1));
    return out;
  });
  CHECK(paths.value() == std::vector<std::string>{"/", "/complaints/", "/complaints/t1/",
                                                  "/complaints/t1/s1/", "/outbound/", "/outbound/t12/"});
}

TEST_CASE("seats are counted by person, and only live sessions", "[access][store]") {
  const auto call = MakeTenant(SomeSlug());
  const auto now = RealNow();
  const auto one = Insert(call, Person("one")).value();
  const auto two = Insert(call, Person("two")).value();
  const auto counts = TheStore().app.Write(call, [&](pg::Tx& tx) -> Result<store::SessionCounts> {
    for (int i = 0; i < 2; ++i) store::InsertSession(tx, {testing::SomeId(), one.name(), now, now + 1h});
    store::InsertSession(tx, {testing::SomeId(), two.name(), now - 2h, now - 1h});
    const auto ended = testing::SomeId();
    store::InsertSession(tx, {ended, two.name(), now, now + 1h});
    store::EndSession(tx, ended, now, "LOGOUT");
    return store::CountSessions(tx, two.name(), now);
  });
  CHECK(counts->own == 0);
  CHECK(counts->others == 1);
}

TEST_CASE("processes that start together agree on one signing key, and nobody reads it in the database",
          "[access][store]") {
  Settings settings;
  settings.keys_master = std::string(32, 'm');
  auto& worker = TheStore().worker;
  const auto call = testing::CallOf(testing::SomeId());
  const auto forget = worker.Write(call, [](pg::Tx& tx) -> Result<void> {
    tx.Exec({"test.no_keys", "DELETE FROM signing_keys"});
    return Ok();
  });
  REQUIRE(forget);
  KeyRing one(worker, settings);
  KeyRing two(worker, settings);
  CHECK(one.Sign({}, RealNow()).error().reason == "SIGNING_KEY_MISSING");
  const auto now = RealNow();
  std::thread other([&] { CHECK(two.Refresh(call, now)); });
  const bool refreshed = one.Refresh(call, now).has_value();
  other.join();
  CHECK(refreshed);
  REQUIRE(one.Refresh(call, now));
  CHECK(one.PublicKeys().size() == 1);
  CHECK(one.PublicKeys() == two.PublicKeys());
  const auto sealed = worker.Read(call, [](pg::Tx& tx) -> Result<std::string> {
    return tx.Exec({"test.sealed", "SELECT sealed_key FROM signing_keys"})[0][0].as<std::string>();
  });
  CHECK(sealed->starts_with("A256GCM.m1."));
  CHECK(sealed->find("PRIVATE") == std::string::npos);

  settings.keys_master = std::string(32, 'n');
  CHECK(KeyRing(worker, settings).Refresh(call, now).error().reason == "ENVELOPE_BROKEN");
  settings.keys_master_id = "m2";
  settings.keys_older = "m1=" + std::string(32, 'm');
  KeyRing rotated(worker, settings);
  REQUIRE(rotated.Refresh(call, now));
  CHECK(rotated.PublicKeys() == one.PublicKeys());
  const auto resealed = worker.Read(call, [](pg::Tx& tx) -> Result<std::string> {
    return tx.Exec({"test.sealed", "SELECT sealed_key FROM signing_keys"})[0][0].as<std::string>();
  });
  CHECK(resealed->starts_with("A256GCM.m2."));
}

}  // namespace
}  // namespace carillon::access
