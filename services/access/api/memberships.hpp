#pragma once
#include "access/store/users.hpp"
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/user.pb.h"

namespace carillon::access::api {

/// Checks unit, roles and clients of an account that is about to be written, and fills in the unit's path.
/// NOT_FOUND UNIT_UNKNOWN, ROLE_UNKNOWN, CLIENT_UNKNOWN; PERMISSION_DENIED UNIT_OUT_OF_SCOPE,
/// ROLE_OUT_OF_REACH.
Result<void> CheckMemberships(pg::Tx& tx, const Principal& who, carillon::access::v1::User& user);

}  // namespace carillon::access::api
