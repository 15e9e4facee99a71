#include "access/service.hpp"

#include <stdexcept>

#include "access/api/handlers.hpp"
#include "access/api/tenants.hpp"
#include "access/domain/password.hpp"
#include "access/events/on_audit_recorded.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "base/ids.hpp"
#include "crypto/password.hpp"
#include "obs/log.hpp"
#include "rpc/server.hpp"

namespace carillon::access {
namespace {

using namespace std::chrono_literals;

// The platform's own tenant, if there is none at all.
void FirstStart(host::Host& host, const Settings& settings) {
  const auto call = host.CallFor(NewId(host.clock().Now()), 30s);
  const auto real_now = RealNow();
  const auto made = host.worker_db().Write(call, [&](pg::Tx& tx) -> Result<bool> {
    store::KeepAuditMonths(tx, real_now);
    if (!store::NoTenantYet(tx)) return false;
    TRY_VOID(domain::CheckPassword(settings.bootstrap_password, settings.bootstrap_login, "",
                                   "bootstrap.password"));
    api::pb::Tenant tenant;
    tenant.set_slug(settings.bootstrap_tenant);
    api::pb::Administrator administrator;
    administrator.set_login(settings.bootstrap_login);
    TRY_VOID(api::MakeTenant(tx, std::move(tenant), administrator,
                             crypto::HashPassword(settings.bootstrap_password), "ADMIN", real_now));
    return true;
  });
  if (!made) {
    auto why = made.error().message;
    for (const auto& violation : made.error().violations)
      why += " " + violation.field + " " + violation.description + ".";
    throw std::runtime_error("the first start failed: " + why);
  }
  if (*made)
    obs::Info("made the first tenant",
              {{"tenant", settings.bootstrap_tenant}, {"login", settings.bootstrap_login}});
}

}  // namespace

Service::Service(host::Host& host, const Settings& settings)
    : settings_(settings),
      keys_(host.worker_db(), settings_),
      audit_(host.worker_db(), keys_),
      deps_{host.db(), host.worker_db(),
            settings_, host.settings().auth_issuer,
            keys_,     ParsePairs(settings_.service_secrets, "services.secrets")} {
  for (const auto& [name, secret] : deps_.service_secrets)
    if (secret.size() < 16)
      throw std::runtime_error("services.secrets: the secret of " + name + " is shorter than 16 bytes");
  for (auto* pool : {&host.db(), &host.worker_db()})
    pool->OnAudit([](pg::Tx& tx, const type::v1::AuditEntry& entry) {
      store::TakeIn(tx, kName, NewId(tx.now()), entry);
    });
  events::OnAuditRecorded(host, deps_);
  FirstStart(host, settings_);
  if (const auto ready = keys_.Refresh(host.CallFor("", 30s), RealNow()); !ready)
    throw std::runtime_error("the signing keys cannot be read: " + ready.error().message);
  host.CheckTokensWith([this] { return keys_.Verifiers(); });

  rpc::Binder bind(host.server(), "carillon.access.v1.AccessService", deps_);
  bind.Unary("Login", api::Login);
  bind.Unary("RefreshTokens", api::RefreshTokens);
  bind.Unary("Logout", api::Logout);
  bind.Unary("GetJsonWebKeySet", api::GetJsonWebKeySet);
  bind.Unary("GetOpenIdConfiguration", api::GetOpenIdConfiguration);
  bind.Unary("IssueServiceToken", api::IssueServiceToken);
  bind.Unary("ChangePassword", api::ChangePassword);
  bind.Unary("ResetPassword", api::ResetPassword);
  bind.Unary("CreateTenant", api::CreateTenant);
  bind.Unary("GetTenant", api::GetTenant);
  bind.Unary("ListTenants", api::ListTenants);
  bind.Unary("UpdateTenant", api::UpdateTenant);
  bind.Unary("CreateClient", api::CreateClient);
  bind.Unary("GetClient", api::GetClient);
  bind.Unary("ListClients", api::ListClients);
  bind.Unary("UpdateClient", api::UpdateClient);
  bind.Unary("CreateOrgUnit", api::CreateOrgUnit);
  bind.Unary("GetOrgUnit", api::GetOrgUnit);
  bind.Unary("ListOrgUnits", api::ListOrgUnits);
  bind.Unary("UpdateOrgUnit", api::UpdateOrgUnit);
  bind.Unary("CreateUser", api::CreateUser);
  bind.Unary("GetUser", api::GetUser);
  bind.Unary("ListUsers", api::ListUsers);
  bind.Unary("UpdateUser", api::UpdateUser);
  bind.Unary("DisableUser", api::DisableUser);
  bind.Unary("EnableUser", api::EnableUser);
  bind.Unary("CreateRole", api::CreateRole);
  bind.Unary("GetRole", api::GetRole);
  bind.Unary("ListRoles", api::ListRoles);
  bind.Unary("UpdateRole", api::UpdateRole);
  bind.Unary("ResolveDataScope", api::ResolveDataScope);
  bind.Unary("ListAuditRecords", api::ListAuditRecords);

  host.Every("keys", 10s, [this](Call& call) {
    if (const auto done = keys_.Refresh(call, RealNow()); !done)
      obs::Warn("signing keys not refreshed", {{"reason", done.error().reason}});
  });
  host.Every("audit", std::chrono::milliseconds(settings_.audit_chain_ms),
             [this](Call& call) { audit_.Run(call, RealNow()); });
  host.Every("sweep", 600s, [this](Call& call) {
    const auto real_now = RealNow();
    const auto done = deps_.worker_db.Write(call, [&](pg::Tx& tx) -> Result<void> {
      // A week longer than they live, so that a stolen token is still recognised as used.
      store::SweepSessions(tx, real_now - std::chrono::days(7));
      store::KeepAuditMonths(tx, real_now);
      store::DropAuditBefore(tx, real_now - std::chrono::months(settings_.audit_months));
      return Ok();
    });
    if (!done) obs::Warn("sweep failed", {{"reason", done.error().reason}});
  });
}

Service::~Service() = default;

}  // namespace carillon::access
