
#include "access/api/handlers.hpp"
#include "access/api/sessions.hpp"
#include "access/api/tenants.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/org_tree.hpp"
#include "access/domain/roles.hpp"
#include "access/store/audit.hpp"
#include "base/ids.hpp"
#include "carillon/access/v1/access_events.pb.h"
#include "crypto/password.hpp"

namespace carillon::access::api {

Result<pb::Tenant> MakeTenant(pg::Tx& tx, pb::Tenant tenant, const pb::Administrator& administrator,
                              const std::string& password_hash, const char* administrator_role,
                              TimePoint real_now) {
  tenant.set_name("tenants/" + tx.call().principal.tenant);
  if (tenant.display_name().empty()) tenant.set_display_name(tenant.slug());
  if (tenant.state() == pb::Tenant::STATE_UNSPECIFIED) tenant.set_state(pb::Tenant::ACTIVE);
  if (tenant.unit_levels().empty())
    for (const auto* level : {"部门", "班组", "坐席"}) tenant.add_unit_levels(level);
  store::InsertTenant(tx, tenant);

  pb::OrgUnit root;
  root.set_name("orgUnits/" + NewId(tx.now()));
  root.set_code(tenant.slug());
  root.set_display_name(tenant.display_name());
  root.set_type(pb::OrgUnit::CITY_CENTRE);
  root.set_path(domain::PathOf("", tenant.slug()));
  store::InsertUnit(tx, root);

  pb::Client client;
  client.set_name("clients/" + NewId(tx.now()));
  client.set_code("default");
  client.set_display_name(tenant.display_name());
  client.set_state(pb::Client::ACTIVE);
  store::InsertClient(tx, client);

  for (auto& role : domain::BuiltInRoles()) {
    role.set_name("roles/" + NewId(tx.now()));
    store::InsertRole(tx, role);
  }

  if (!administrator.login().empty()) {
    pb::User user;
    user.set_name("users/" + NewId(tx.now()));
    user.set_login(administrator.login());
    user.set_display_name(administrator.display_name().empty() ? administrator.login()
                                                               : administrator.display_name());
    user.set_unit(root.name());
    user.set_unit_path(root.path());
    user.add_roles(administrator_role);
    user.set_all_clients(true);
    user.set_state(pb::User::ACTIVE);
    store::InsertUser(tx, user, password_hash, real_now);
    pb::UserCreated event;
    *event.mutable_user() = domain::ForEvents(user);
    pg::Announce(tx, kUsersTopic, user.name().substr(6), event, tx.now());
  }
  store::Audit(tx, {.action = "tenant.create", .resource = tenant.name(), .after = &tenant}, real_now);
  return tenant;
}

Result<pb::Tenant> CreateTenant(Call& call, Deps& deps, const pb::CreateTenantRequest& in) {
  std::vector<Violation> problems;
  if (in.tenant().slug().empty()) problems.push_back({"tenant.slug", "must be set"});
  if (in.has_administrator() && in.administrator().login().empty())
    problems.push_back({"administrator.login", "must be set"});
  if (!problems.empty()) return InvalidArgument("FIELD_INVALID", "A field is missing.", std::move(problems));
  std::string hash;
  if (in.has_administrator()) {
    TRY_VOID(domain::CheckPassword(in.administrator().password(), in.administrator().login(), "",
                                   "administrator.password"));
    hash = crypto::HashPassword(in.administrator().password());
  }
  // The transaction is the new tenant's. Its id comes from the request_id, so that a repeat meets the
  // recorded answer.
  auto own = call;
  own.principal.tenant = call.request_id.empty() ? NewId(call.now) : DerivedId("tenant", call.request_id);
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(own, [&](pg::Tx& tx) {
    return MakeTenant(tx, in.tenant(), in.administrator(), hash, "TENANT_ADMIN", real_now);
  }));
}

}  // namespace carillon::access::api
