#include <catch2/catch.hpp>

#include "fixture.hpp"

namespace carillon::access {
namespace {

constexpr pg::Statement kOpenTables{"test.open_tables",
                                    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                    "c.relnamespace WHERE n.nspname = 'public' AND "
                                    "c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND "
                                    "c.relforcerowsecurity) AND c.relname <> 'schema_migrations'"};
constexpr pg::Statement kWhoAmI{
    "test.who_am_i", "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"};
constexpr pg::Statement kEverything{"test.everything",
                                    "SELECT (SELECT count(*) FROM tenants) + (SELECT count(*) FROM users) + "
                                    "(SELECT count(*) FROM roles) + (SELECT "
                                    "count(*) FROM clients) + (SELECT count(*) FROM org_units) + (SELECT "
                                    "count(*) FROM audit_intake) + (SELECT count(*) FROM audit_trail) + "
                                    "(SELECT count(*) FROM audit_batches) + (SELECT count(*) FROM "
                                    "user_roles) + (SELECT count(*) FROM sessions) AS rows"};
constexpr pg::Statement kSteal{"test.steal", "UPDATE users SET display_name = 'mine now'"};
constexpr pg::Statement kForge{"test.forge",
                               "INSERT INTO clients (tenant_id, client_id, code, display_name, state, "
                               "created_at, updated_at) VALUES ($1, $2, "
                               "'forged', '', 1, now(), now())"};
constexpr pg::Statement kKeys{
    "test.keys", "SELECT (SELECT count(*) FROM signing_keys) + (SELECT count(*) FROM audit_keys)"};
constexpr pg::Statement kChild{"test.child", "SELECT count(*) FROM audit_trail_rest"};

int CountOf(const Call& call, const pg::Statement& statement) {
  return TheStore()
      .app.Read(call, [&](pg::Tx& tx) -> Result<int> { return tx.Exec(statement)[0][0].as<int>(); })
      .value();
}

TEST_CASE("every table forces row-level security on the service's role", "[access][store]") {
  const auto call = testing::CallOf(testing::SomeId());
  const auto open = TheStore().app.Read(call, [](pg::Tx& tx) -> Result<std::vector<std::string>> {
    std::vector<std::string> names;
    for (const auto& row : tx.Exec(kOpenTables)) names.push_back(row[0].as<std::string>());
    return names;
  });
  CHECK(open.value() == std::vector<std::string>{});
  const auto role = TheStore().app.Read(call, [](pg::Tx& tx) -> Result<std::vector<std::string>> {
    const auto row = tx.Exec(kWhoAmI)[0];
    return std::vector<std::string>{row[0].as<std::string>(), row[1].as<std::string>(),
                                    row[2].as<std::string>()};
  });
  CHECK(role.value() == std::vector<std::string>{"access_app", "f", "f"});
}

TEST_CASE("one tenant neither sees nor changes another's rows", "[access][store]") {
  const auto ours = MakeTenant(SomeSlug());
  const auto theirs = MakeTenant(SomeSlug());
  auto& app = TheStore().app;
  const auto victim = app.Read(theirs,
                               [](pg::Tx& tx) -> Result<store::Account> {
                                 return *store::FindAccount(tx, "admin", RealNow());
                               })
                          .value();
  CHECK(app.Read(ours, [&](pg::Tx& tx) { return store::LoadUser(tx, victim.user.name(), RealNow()); })
            .error()
            .reason == "USER_UNKNOWN");
  const auto stolen = app.Write(
      ours, [](pg::Tx& tx) -> Result<int> { return static_cast<int>(tx.Exec(kSteal).affected_rows()); });
  CHECK(stolen.value() == 1);  // our own administrator
  CHECK(app.Read(theirs, [&](pg::Tx& tx) { return store::LoadUser(tx, victim.user.name(), RealNow()); })
            ->display_name() == "admin");
  const auto forged = app.Write(ours, [&](pg::Tx& tx) -> Result<void> {
    tx.Exec(kForge, theirs.principal.tenant, testing::SomeId());
    return Ok();
  });
  CHECK(forged.error().reason == "ROW_REFUSED");
}

TEST_CASE("without a tenant there is nothing to see", "[access][store]") {
  MakeTenant(SomeSlug());
  CHECK(CountOf(testing::CallOf(""), kEverything) == 0);
  CHECK(CountOf(testing::CallOf(testing::SomeId()), kEverything) == 0);
}

TEST_CASE("the service's role sees no signing key and no partition behind the parent's back",
          "[access][store]") {
  const auto call = MakeTenant(SomeSlug());
  const auto put = TheStore().worker.Write(call, [](pg::Tx& tx) -> Result<void> {
    tx.Exec({"test.put_key",
             "INSERT INTO signing_keys VALUES (gen_random_uuid()::text, 'sealed', now(), now())"});
    return Ok();
  });
  REQUIRE(put);
  CHECK(CountOf(call, kKeys) == 0);
  CHECK(CountOf(call, kChild) == 0);
}

}  // namespace
}  // namespace carillon::access
