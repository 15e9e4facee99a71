#include "access/domain/accounts.hpp"

#include <catch2/catch.hpp>

#include "access/domain/errors.hpp"

namespace carillon::access::domain {
namespace {

pb::User InState(pb::User::State state) {
  pb::User user;
  user.set_name("users/1");
  user.set_display_name("王芳");
  user.set_phone_number("+8613800138000");
  user.set_state(state);
  return user;
}

Principal Somebody(std::string user) {
  Principal who;
  who.user = std::move(user);
  return who;
}

TEST_CASE("an account goes off and on, and never comes back from LEFT", "[access][accounts]") {
  const auto admin = Somebody("2");
  CHECK(Disabled(admin, InState(pb::User::ACTIVE), false)->state() == pb::User::DISABLED);
  CHECK(Disabled(admin, InState(pb::User::DISABLED), true)->state() == pb::User::LEFT);
  CHECK(Enabled(InState(pb::User::DISABLED))->state() == pb::User::ACTIVE);
  CHECK(Enabled(InState(pb::User::LEFT)).error().reason == "USER_LEFT");
  CHECK(Disabled(admin, InState(pb::User::LEFT), false).error().reason == "USER_LEFT");
  CHECK(WithPassword(InState(pb::User::LEFT), true).error().reason == "USER_LEFT");
  CHECK(Disabled(Somebody("1"), InState(pb::User::ACTIVE), false).error().reason == "OWN_ACCOUNT");
}

TEST_CASE("an invited person becomes active with a password, a disabled one does not", "[access][accounts]") {
  CHECK(WithPassword(InState(pb::User::INVITED), true)->state() == pb::User::ACTIVE);
  CHECK(WithPassword(InState(pb::User::INVITED), true)->must_change_password());
  CHECK(WithPassword(InState(pb::User::DISABLED), false)->state() == pb::User::DISABLED);
  CHECK(WithPassword(InState(pb::User::LOCKED), false)->state() == pb::User::ACTIVE);
}

TEST_CASE("only an active account of an open tenant is usable", "[access][accounts]") {
  CHECK(RequireUsable(InState(pb::User::ACTIVE)));
  CHECK(RequireUsable(InState(pb::User::LOCKED)).error().reason == "ACCOUNT_LOCKED");
  for (const auto state : {pb::User::INVITED, pb::User::DISABLED, pb::User::LEFT})
    CHECK(RequireUsable(InState(state)).error().reason == "ACCOUNT_DISABLED");
  pb::Tenant tenant;
  tenant.set_state(pb::Tenant::TRIAL);
  CHECK(RequireOpen(tenant));
  tenant.set_state(pb::Tenant::SUSPENDED);
  CHECK(RequireOpen(tenant).error().reason == "TENANT_SUSPENDED");
}

TEST_CASE("a tenant is suspended before it is closed, and stays closed", "[access][accounts]") {
  CHECK(RequireTenantStep(pb::Tenant::TRIAL, pb::Tenant::ACTIVE));
  CHECK(RequireTenantStep(pb::Tenant::SUSPENDED, pb::Tenant::CLOSED));
  CHECK(RequireTenantStep(pb::Tenant::ACTIVE, pb::Tenant::ACTIVE));
  CHECK(RequireTenantStep(pb::Tenant::ACTIVE, pb::Tenant::CLOSED).error().reason == "TENANT_STATE");
  CHECK(RequireTenantStep(pb::Tenant::CLOSED, pb::Tenant::ACTIVE).error().metadata.at("from") == "CLOSED");
}

TEST_CASE("events carry no name and no phone number", "[access][accounts]") {
  const auto event = ForEvents(InState(pb::User::ACTIVE)).SerializeAsString();
  CHECK(event.find("王芳") == std::string::npos);
  CHECK(event.find("13800138000") == std::string::npos);
  CHECK(event.find("users/1") != std::string::npos);
}

TEST_CASE("what changed is named", "[access][accounts]") {
  const auto before = InState(pb::User::ACTIVE);
  auto after = before;
  CHECK(ChangedFields(before, after).empty());
  after.add_roles("CSR");
  after.set_language("zh-CN");
  after.set_etag("2");
  CHECK(ChangedFields(before, after) == std::vector<std::string>{"roles", "language"});
}

TEST_CASE("a taken value is named by what it is", "[access][accounts]") {
  const auto named = [](const char* constraint) {
    return errors::Named(AlreadyExists("DUPLICATE", "", {{"constraint", constraint}})).reason;
  };
  CHECK(named("users_login_key") == "LOGIN_EXISTS");
  CHECK(named("users_agent_number_key") == "AGENT_NUMBER_EXISTS");
  CHECK(named("tenants_slug_key") == "TENANT_EXISTS");
  CHECK(named("org_units_path_key") == "UNIT_EXISTS");
  CHECK(named("something_else") == "DUPLICATE");
}

}  // namespace
}  // namespace carillon::access::domain
