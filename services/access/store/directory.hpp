#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/access/v1/org_unit.pb.h"
#include "carillon/access/v1/role.pb.h"
#include "carillon/access/v1/tenant.pb.h"
#include "pg/tx.hpp"

/// Rows of tenants, clients, org units and roles as the messages of the contract.
///
/// Everything works on the tenant of the transaction; what says "of all tenants" needs the worker role.
/// `Insert…` sets etag and times, `Save…` sets the new etag and update_time. Lists return rows after a key,
/// in its order.
namespace carillon::access::store {

namespace pb = carillon::access::v1;

enum class Lock { kNo, kYes };

void InsertTenant(pg::Tx& tx, pb::Tenant& tenant);
void SaveTenant(pg::Tx& tx, pb::Tenant& tenant);
Result<pb::Tenant> LoadTenant(pg::Tx& tx, Lock lock = Lock::kNo);
/// Of all tenants.
std::optional<pb::Tenant> FindTenant(pg::Tx& tx, const std::string& slug);
/// Of all tenants.
std::vector<pb::Tenant> ListTenants(pg::Tx& tx, const std::string& after, const std::string& slug, int limit);
/// Of all tenants; takes the lock under which the first one is made.
bool NoTenantYet(pg::Tx& tx);
/// Levels below the root that are in use.
int DeepestUnit(pg::Tx& tx);

void InsertClient(pg::Tx& tx, pb::Client& client);
void SaveClient(pg::Tx& tx, pb::Client& client);
Result<pb::Client> LoadClient(pg::Tx& tx, const std::string& name, Lock lock = Lock::kNo);
std::vector<pb::Client> ListClients(pg::Tx& tx, const std::string& after, int limit);
/// Name of the client `default`, or "".
std::string DefaultClient(pg::Tx& tx);

/// `path` is set by the caller.
void InsertUnit(pg::Tx& tx, pb::OrgUnit& unit);
void SaveUnit(pg::Tx& tx, pb::OrgUnit& unit);
/// Gives the unit at `from` and all below it the path `to`.
void MoveUnits(pg::Tx& tx, const std::string& from, const std::string& to);
/// The deepest path at or below `path`.
std::string DeepestBelow(pg::Tx& tx, const std::string& path);
Result<pb::OrgUnit> LoadUnit(pg::Tx& tx, const std::string& name);
pb::OrgUnit LoadRoot(pg::Tx& tx);
std::vector<pb::OrgUnit> ListUnits(pg::Tx& tx, const std::string& after_path, const std::string& prefix,
                                   int limit);

void InsertRole(pg::Tx& tx, pb::Role& role);
void SaveRole(pg::Tx& tx, pb::Role& role);
Result<pb::Role> LoadRole(pg::Tx& tx, const std::string& name, Lock lock = Lock::kNo);
/// NOT_FOUND ROLE_UNKNOWN for the first code there is no role of.
Result<std::vector<pb::Role>> LoadRoles(pg::Tx& tx, const std::vector<std::string>& codes);
std::vector<pb::Role> ListRoles(pg::Tx& tx, const std::string& after_code, int limit);

}  // namespace carillon::access::store
