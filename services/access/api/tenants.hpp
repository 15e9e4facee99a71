#pragma once
#include <string>

#include "access/store/users.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "pg/tx.hpp"

namespace carillon::access::api {

namespace pb = carillon::access::v1;

/// What every tenant begins with: its root unit, the client `default`, the built-in roles and its first
/// administrator, if it has one (`administrator_role`, working for every client). The transaction is the new
/// tenant's.
Result<pb::Tenant> MakeTenant(pg::Tx& tx, pb::Tenant tenant, const pb::Administrator& administrator,
                              const std::string& password_hash, const char* administrator_role,
                              TimePoint real_now);

}  // namespace carillon::access::api
