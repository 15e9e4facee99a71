#include "access/store/directory.hpp"

#include <algorithm>

#include "access/domain/errors.hpp"
#include "access/store/statements.hpp"
#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "pg/message.hpp"

namespace carillon::access::store {
namespace {

template <class Message>
void Stamp(Message& message, const pqxx::row& row) {
  message.set_etag(row["version"].as<std::string>());
  *message.mutable_create_time() = ToProto(pg::TimeOf(row["created_us"]));
  *message.mutable_update_time() = ToProto(pg::TimeOf(row["updated_us"]));
}

template <class Message>
void StampNew(pg::Tx& tx, Message& message) {
  message.set_etag("1");
  *message.mutable_create_time() = ToProto(tx.now());
  *message.mutable_update_time() = ToProto(tx.now());
}

template <class Message>
void StampSaved(pg::Tx& tx, Message& message, const pqxx::result& rows) {
  message.set_etag(rows.at(0)["version"].as<std::string>());
  *message.mutable_update_time() = ToProto(tx.now());
}

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& items) {
  return {items.begin(), items.end()};
}

pb::Tenant TenantOf(const pqxx::row& row) {
  pb::Tenant tenant;
  tenant.set_name(pg::NameOf("tenants", row["tenant_id"]));
  tenant.set_slug(row["slug"].as<std::string>());
  tenant.set_display_name(row["display_name"].as<std::string>());
  tenant.set_state(static_cast<pb::Tenant::State>(row["state"].as<int>()));
  for (auto& level : pg::ArrayOf(row["unit_levels"])) tenant.add_unit_levels(std::move(level));
  tenant.set_seat_quota(row["seat_quota"].as<int>());
  tenant.set_single_session(row["single_session"].as<bool>());
  Stamp(tenant, row);
  return tenant;
}

pb::Client ClientOf(const pqxx::row& row) {
  pb::Client client;
  client.set_name(pg::NameOf("clients", row["client_id"]));
  client.set_code(row["code"].as<std::string>());
  client.set_display_name(row["display_name"].as<std::string>());
  client.set_state(static_cast<pb::Client::State>(row["state"].as<int>()));
  Stamp(client, row);
  return client;
}

pb::OrgUnit UnitOf(const pqxx::row& row) {
  pb::OrgUnit unit;
  unit.set_name(pg::NameOf("orgUnits", row["unit_id"]));
  unit.set_parent(pg::NameOf("orgUnits", row["parent_id"]));
  unit.set_code(row["code"].as<std::string>());
  unit.set_display_name(row["display_name"].as<std::string>());
  unit.set_type(static_cast<pb::OrgUnit::Type>(row["type"].as<int>()));
  unit.set_path(row["path"].as<std::string>());
  unit.set_site(row["site"].as<std::string>());
  unit.set_leader(pg::NameOf("users", row["leader_id"]));
  Stamp(unit, row);
  return unit;
}

pb::Role RoleOf(const pqxx::row& row) {
  pb::Role role;
  role.set_name(pg::NameOf("roles", row["role_id"]));
  role.set_code(row["code"].as<std::string>());
  role.set_display_name(row["display_name"].as<std::string>());
  for (auto& permission : pg::ArrayOf(row["permissions"])) role.add_permissions(std::move(permission));
  const auto data = pg::ArrayOf(row["scope_data"]);
  const auto reach = pg::ArrayOf(row["scope_reach"]);
  const auto clear = pg::ArrayOf(row["scope_clear"]);
  for (std::size_t i = 0; i < data.size(); ++i) {
    auto& scope = *role.add_data_scopes();
    scope.set_data(static_cast<pb::DataScope::Data>(std::stoi(data[i])));
    scope.set_reach(static_cast<pb::DataScope::Reach>(std::stoi(reach.at(i))));
    scope.set_clear(clear.at(i) == "t" || clear.at(i) == "true");
  }
  role.set_built_in(row["built_in"].as<bool>());
  Stamp(role, row);
  return role;
}

struct ScopeColumns {
  std::vector<int> data, reach;
  std::vector<std::string> clear;
};
ScopeColumns ColumnsOf(const pb::Role& role) {
  ScopeColumns out;
  for (const auto& scope : role.data_scopes()) {
    out.data.push_back(scope.data());
    out.reach.push_back(scope.reach());
    out.clear.emplace_back(scope.clear() ? "t" : "f");
  }
  return out;
}

template <class Message>
std::vector<Message> Each(const pqxx::result& rows, Message (*of)(const pqxx::row&)) {
  std::vector<Message> out;
  for (const auto& row : rows) out.push_back(of(row));
  return out;
}

}  // namespace

void InsertTenant(pg::Tx& tx, pb::Tenant& tenant) {
  tx.Exec(kTenantInsert, tenant.slug(), tenant.display_name(), static_cast<int>(tenant.state()),
          pg::Array(Strings(tenant.unit_levels())), tenant.seat_quota(), tenant.single_session(),
          pg::Time(tx.now()));
  StampNew(tx, tenant);
}

void SaveTenant(pg::Tx& tx, pb::Tenant& tenant) {
  StampSaved(tx, tenant,
             tx.Exec(kTenantSave, tenant.display_name(), static_cast<int>(tenant.state()),
                     pg::Array(Strings(tenant.unit_levels())), tenant.seat_quota(), tenant.single_session(),
                     pg::Time(tx.now())));
}

Result<pb::Tenant> LoadTenant(pg::Tx& tx, Lock lock) {
  const auto rows = tx.Exec(lock == Lock::kYes ? kTenantLock : kTenantLoad);
  if (rows.empty()) return errors::TenantUnknown("tenants/" + tx.call().principal.tenant);
  return TenantOf(rows[0]);
}

std::optional<pb::Tenant> FindTenant(pg::Tx& tx, const std::string& slug) {
  const auto rows = tx.Exec(kTenantBySlug, slug);
  if (rows.empty()) return std::nullopt;
  return TenantOf(rows[0]);
}

std::vector<pb::Tenant> ListTenants(pg::Tx& tx, const std::string& after, const std::string& slug,
                                    int limit) {
  return Each(tx.Exec(kTenantList, pg::OrNull(after), slug, limit), TenantOf);
}

bool NoTenantYet(pg::Tx& tx) {
  tx.Exec(kFirstStartLock);
  return tx.Exec(kTenantAny).empty();
}

int DeepestUnit(pg::Tx& tx) { return tx.Exec(kDeepestUnit)[0]["depth"].as<int>(); }

void InsertClient(pg::Tx& tx, pb::Client& client) {
  tx.Exec(kClientInsert, IdOf(client.name()), client.code(), client.display_name(),
          static_cast<int>(client.state()), pg::Time(tx.now()));
  StampNew(tx, client);
}

void SaveClient(pg::Tx& tx, pb::Client& client) {
  StampSaved(tx, client,
             tx.Exec(kClientSave, IdOf(client.name()), client.display_name(),
                     static_cast<int>(client.state()), pg::Time(tx.now())));
}

Result<pb::Client> LoadClient(pg::Tx& tx, const std::string& name, Lock lock) {
  const auto rows = tx.Exec(lock == Lock::kYes ? kClientLock : kClientLoad, IdOf(name));
  if (rows.empty()) return errors::ClientUnknown(name);
  return ClientOf(rows[0]);
}

std::vector<pb::Client> ListClients(pg::Tx& tx, const std::string& after, int limit) {
  return Each(tx.Exec(kClientList, pg::OrNull(after), limit), ClientOf);
}

std::string DefaultClient(pg::Tx& tx) {
  const auto rows = tx.Exec(kClientDefault);
  return rows.empty() ? std::string() : pg::NameOf("clients", rows[0]["client_id"]);
}

void InsertUnit(pg::Tx& tx, pb::OrgUnit& unit) {
  tx.Exec(kUnitInsert, IdOf(unit.name()), pg::MaybeId(unit.parent()), unit.code(), unit.display_name(),
          static_cast<int>(unit.type()), unit.path(), unit.site(), pg::MaybeId(unit.leader()),
          pg::Time(tx.now()));
  StampNew(tx, unit);
}

void SaveUnit(pg::Tx& tx, pb::OrgUnit& unit) {
  StampSaved(
      tx, unit,
      tx.Exec(kUnitSave, IdOf(unit.name()), pg::MaybeId(unit.parent()), unit.display_name(),
              static_cast<int>(unit.type()), unit.site(), pg::MaybeId(unit.leader()), pg::Time(tx.now())));
}

void MoveUnits(pg::Tx& tx, const std::string& from, const std::string& to) { tx.Exec(kUnitMove, from, to); }

std::string DeepestBelow(pg::Tx& tx, const std::string& path) {
  const auto rows = tx.Exec(kUnitDeepestBelow, path);
  return rows.empty() ? path : rows[0]["path"].as<std::string>();
}

Result<pb::OrgUnit> LoadUnit(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(kUnitLoad, IdOf(name));
  if (rows.empty()) return errors::UnitUnknown(name);
  return UnitOf(rows[0]);
}

pb::OrgUnit LoadRoot(pg::Tx& tx) { return UnitOf(tx.Exec(kUnitRoot).at(0)); }

std::vector<pb::OrgUnit> ListUnits(pg::Tx& tx, const std::string& after_path, const std::string& prefix,
                                   int limit) {
  return Each(tx.Exec(kUnitList, after_path, prefix, limit), UnitOf);
}

void InsertRole(pg::Tx& tx, pb::Role& role) {
  const auto scopes = ColumnsOf(role);
  tx.Exec(kRoleInsert, IdOf(role.name()), role.code(), role.display_name(),
          pg::Array(Strings(role.permissions())), pg::Array(scopes.data), pg::Array(scopes.reach),
          pg::Array(scopes.clear), role.built_in(), pg::Time(tx.now()));
  StampNew(tx, role);
}

void SaveRole(pg::Tx& tx, pb::Role& role) {
  const auto scopes = ColumnsOf(role);
  StampSaved(
      tx, role,
      tx.Exec(kRoleSave, IdOf(role.name()), role.display_name(), pg::Array(Strings(role.permissions())),
              pg::Array(scopes.data), pg::Array(scopes.reach), pg::Array(scopes.clear), pg::Time(tx.now())));
}

Result<pb::Role> LoadRole(pg::Tx& tx, const std::string& name, Lock lock) {
  const auto rows = tx.Exec(lock == Lock::kYes ? kRoleLock : kRoleLoad, IdOf(name));
  if (rows.empty()) return errors::RoleUnknown(name);
  return RoleOf(rows[0]);
}

Result<std::vector<pb::Role>> LoadRoles(pg::Tx& tx, const std::vector<std::string>& codes) {
  auto roles = Each(tx.Exec(kRoleByCodes, pg::Array(codes)), RoleOf);
  for (const auto& code : codes)
    if (std::none_of(roles.begin(), roles.end(), [&](const pb::Role& role) { return role.code() == code; }))
      return errors::RoleUnknown(code);
  return roles;
}

std::vector<pb::Role> ListRoles(pg::Tx& tx, const std::string& after_code, int limit) {
  return Each(tx.Exec(kRoleList, after_code, limit), RoleOf);
}

}  // namespace carillon::access::store
