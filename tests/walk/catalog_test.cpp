#include <catch2/catch.hpp>
#include <iostream>

#include "rows.hpp"
#include "world.hpp"

namespace carillon::walk {
namespace {

/// Rows of the directory belong to the tenant; a client's row is not the client's own.
const std::set<std::string> kOfTheTenant{"access.clients", "access.user_clients"};
/// Tables that belong to nobody: closed to the app role altogether.
const std::set<std::string> kOfThePlatform{"access.signing_keys", "access.audit_keys"};

TEST_CASE("the catalog of every service's database says what the walls are", "[walk][catalog]") {
  int tables = 0, with_client = 0;
  for (const auto& service : World::The().services()) {
    INFO(service);
    CHECK(Sql(service,
              "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = "
              "'public'::regnamespace AND relname <> 'schema_migrations' AND NOT (relrowsecurity AND "
              "relforcerowsecurity)") == std::vector<std::string>{});
    CHECK(Sql(service, "SELECT rolname FROM pg_roles WHERE rolname = '" + service +
                           "_app' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)") ==
          std::vector<std::string>{});
    CHECK(Sql(service, "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = '" + service +
                           "_app'") == std::vector<std::string>{});
    CHECK(Sql(service,
              "SELECT m.rolname FROM pg_auth_members JOIN pg_roles r ON r.oid = member JOIN pg_roles m ON "
              "m.oid = roleid WHERE r.rolname = '" +
                  service + "_app'") == std::vector<std::string>{});
    // A partition is closed: only through its parent does anybody see a row.
    CHECK(Sql(service,
              "SELECT p.tablename FROM pg_policies p JOIN pg_class c ON c.relname = p.tablename WHERE "
              "c.relispartition") == std::vector<std::string>{});
    // A view asks with the rights of whoever looks.
    CHECK(Sql(service,
              "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = "
              "'public'::regnamespace AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', "
              "false)") == std::vector<std::string>{});
  }
  for (const auto& table : Tables()) {
    const auto full = table.service + "." + table.name;
    INFO(full);
    ++tables;
    const auto rules =
        Sql(table.service,
            "SELECT qual || coalesce(' AND ' || with_check, '') FROM pg_policies WHERE tablename = '" +
                table.name + "' AND permissive = 'PERMISSIVE' AND cmd = 'ALL'");
    const auto others =
        Sql(table.service, "SELECT policyname FROM pg_policies WHERE tablename = '" + table.name +
                               "' AND NOT (permissive = 'PERMISSIVE' AND cmd = 'ALL')");
    CHECK(others == std::vector<std::string>{});
    if (kOfThePlatform.contains(full)) {
      CHECK(rules.empty());
      continue;
    }
    CHECK(table.has_tenant);
    CHECK(rules.size() == 1);
    if (rules.size() != 1) continue;
    CHECK(rules[0].find("(tenant_id = carillon_tenant())") != std::string::npos);
    // An OR may widen the clients' rule, never the tenant's.
    const auto rest = rules[0].substr(0, rules[0].find("(tenant_id = carillon_tenant())"));
    CHECK(rest.find_first_not_of('(') == std::string::npos);
    CHECK(rules[0].find("carillon_tenant()) OR") == std::string::npos);
    if (!table.has_client || kOfTheTenant.contains(full)) continue;
    ++with_client;
    CHECK(rules[0].find("client_id = ANY (carillon_clients())") != std::string::npos);
  }
  std::cout << "catalog: " << World::The().services().size() << " databases, " << tables << " tables, "
            << with_client << " of them with rows of one client" << std::endl;
}

TEST_CASE("as the service's role a tenant sees its own rows and no other's", "[walk][catalog]") {
  auto& ours = World::The().ours();
  auto& theirs = World::The().theirs();
  int tried = 0;
  std::vector<std::string> empty;
  for (const auto& table : Tables()) {
    if (!table.has_tenant) continue;
    INFO(table.service + "." + table.name);
    const auto count = "SELECT count(*) FROM " + table.name + " WHERE tenant_id = '" + theirs.id + "'";
    if (Sql(table.service, count).at(0) == "0") {
      empty.push_back(table.service + "." + table.name);
      continue;
    }
    ++tried;
    CHECK(SqlAs(table.service, ours.id, "*", count).at(0) == "0");
    CHECK(SqlAs(table.service, theirs.id, "*", count).at(0) != "0");
    if (!table.has_client || kOfTheTenant.contains(table.service + "." + table.name)) continue;
    const auto second = count + " AND client_id = '" + theirs.clients[1].substr(8) + "'";
    CHECK(SqlAs(table.service, theirs.id, "{" + theirs.clients[0].substr(8) + "}", second).at(0) == "0");
  }
  std::cout << "tables tried as the app role: " << tried << "; without a row of the other tenant:";
  for (const auto& name : empty) std::cout << " " << name;
  std::cout << std::endl;
  CHECK(tried > static_cast<int>(empty.size()));
}

}  // namespace
}  // namespace carillon::walk
