#include "access/domain/roles.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace carillon::access::domain {
namespace {

pb::Role Find(const std::string& code) {
  for (auto& role : BuiltInRoles())
    if (role.code() == code) return role;
  FAIL("no role " << code);
  return {};
}

bool Allows(const std::string& code, const std::string& permission) {
  const auto role = Find(code);
  return std::find(role.permissions().begin(), role.permissions().end(), permission) !=
         role.permissions().end();
}

pb::ResolvedDataScope ScopeOf(const std::vector<std::string>& codes, pb::DataScope::Data data) {
  pb::User user;
  user.set_name("users/1023");
  user.set_unit_path("/centre/complaints/team1/");
  std::vector<pb::Role> roles;
  for (const auto& code : codes) roles.push_back(Find(code));
  return ResolveScope(user, roles, data);
}

TEST_CASE("every built-in role is of the catalogue and its code is unique", "[access][roles]") {
  std::set<std::string> codes;
  for (const auto& role : BuiltInRoles()) {
    INFO(role.code());
    CHECK(codes.insert(role.code()).second);
    CHECK(role.built_in());
    CHECK_FALSE(role.display_name().empty());
    CHECK(role.permissions_size() > 0);
    CHECK(role.data_scopes_size() == 7);
    for (const auto& permission : role.permissions()) CHECK(PermissionCatalogue().contains(permission));
  }
}

TEST_CASE("a leader may intrude on a call, an agent may not", "[access][roles]") {
  CHECK(Allows("TEAM_LEADER", "telephony.control"));
  CHECK(Allows("TEAM_LEADER", "customer.unmask"));
  CHECK_FALSE(Allows("CSR", "telephony.control"));
  CHECK_FALSE(Allows("CSR", "customer.unmask"));
  CHECK(Allows("CSR", "routing.desk"));
  CHECK(Allows("SWITCH", "telephony.switch"));
  CHECK_FALSE(Allows("TENANT_ADMIN", "access.admin"));
  CHECK(Allows("ADMIN", "access.admin"));
}

TEST_CASE("who answers reads the knowledge base, who edits it does not approve it", "[access][roles]") {
  for (const auto* code : {"CSR", "TSR", "EXPERT", "TEAM_LEADER", "QA_SPECIALIST", "BACK_OFFICE"})
    CHECK(Allows(code, "knowledge.read"));
  CHECK(Allows("KB_EDITOR", "knowledge.write"));
  CHECK_FALSE(Allows("KB_EDITOR", "knowledge.approve"));
  CHECK(Allows("QUALITY_MANAGER", "knowledge.approve"));
  CHECK_FALSE(Allows("CSR", "knowledge.write"));
}

TEST_CASE("1023 sees own calls, the team leader the team's, the floor the department's", "[access][roles]") {
  const auto own = ScopeOf({"CSR"}, pb::DataScope::CALL);
  CHECK(own.reach() == pb::DataScope::OWN);
  CHECK(own.owner_user() == "users/1023");
  CHECK(own.unit_prefix().empty());
  CHECK_FALSE(own.clear());
  CHECK(ScopeOf({"TEAM_LEADER"}, pb::DataScope::CALL).unit_prefix() == "/centre/complaints/team1/");
  CHECK(ScopeOf({"TEAM_LEADER"}, pb::DataScope::CUSTOMER).clear());
  CHECK(ScopeOf({"FLOOR_MANAGER"}, pb::DataScope::ORDER).unit_prefix() == "/centre/complaints/");
  CHECK_FALSE(ScopeOf({"FLOOR_MANAGER"}, pb::DataScope::CUSTOMER).clear());
  CHECK(ScopeOf({"CENTRE_DIRECTOR"}, pb::DataScope::REPORT).unit_prefix() == "/centre/");
  CHECK(ScopeOf({"TENANT_ADMIN"}, pb::DataScope::REPORT).unit_prefix() == "/");
}

TEST_CASE("of several roles the widest counts, and none means one's own", "[access][roles]") {
  CHECK(ScopeOf({"CSR", "FLOOR_MANAGER", "TEAM_LEADER"}, pb::DataScope::CALL).reach() ==
        pb::DataScope::DEPARTMENT);
  CHECK_FALSE(ScopeOf({"FLOOR_MANAGER", "TEAM_LEADER"}, pb::DataScope::CALL).clear());
  CHECK(ScopeOf({}, pb::DataScope::CALL).reach() == pb::DataScope::OWN);
}

TEST_CASE("only the platform's administrators pass on their right", "[access][roles]") {
  Principal tenant_admin;
  tenant_admin.permissions = {"tenant.admin"};
  pb::Role role;
  role.add_permissions("routing.desk");
  CHECK(RequireGrantable(tenant_admin, role));
  role.add_permissions("access.admin");
  CHECK(RequireGrantable(tenant_admin, role).error().reason == "ROLE_OUT_OF_REACH");
  Principal admin;
  admin.permissions = {"access.admin"};
  CHECK(RequireGrantable(admin, role));
  role.add_permissions("moon.land");
  CHECK(RequireGrantable(admin, role).error().reason == "PERMISSION_UNKNOWN");
}

}  // namespace
}  // namespace carillon::access::domain
