#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/access/v1/role.pb.h"
#include "carillon/access/v1/user.pb.h"

/// What roles allow and how far they reach. Pure.
namespace carillon::access::domain {

namespace pb = carillon::access::v1;

/// Every permission there is, sorted.
const std::set<std::string, std::less<>>& PermissionCatalogue();

/// The roles every tenant begins with: the positions of the centre with their permissions and data scopes.
/// Names are given by the store.
std::vector<pb::Role> BuiltInRoles();

/// INVALID_ARGUMENT PERMISSION_UNKNOWN, or PERMISSION_DENIED ROLE_OUT_OF_REACH for "access.admin", which only
/// its holders pass on: nobody in a tenant may make themselves the platform's administrator.
Result<void> RequireGrantable(const Principal& who, const pb::Role& role);

/// How far somebody at `user` reaches for one kind of data: the widest of the roles, clear if that one shows
/// clear.
pb::ResolvedDataScope ResolveScope(const pb::User& user, const std::vector<pb::Role>& roles,
                                   pb::DataScope::Data data);

}  // namespace carillon::access::domain
