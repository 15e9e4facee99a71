#pragma once
#include <string>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/access/v1/tenant.pb.h"
#include "carillon/access/v1/user.pb.h"

/// The life of tenants and accounts. Pure.
namespace carillon::access::domain {

namespace pb = carillon::access::v1;

/// FAILED_PRECONDITION TENANT_STATE for a step a tenant does not take.
Result<void> RequireTenantStep(pb::Tenant::State from, pb::Tenant::State to);

/// May people of this tenant log in?
Result<void> RequireOpen(const pb::Tenant& tenant);

/// May this account be used? `user.state` says LOCKED when it is.
Result<void> RequireUsable(const pb::User& user);

/// Switched off (or left). FAILED_PRECONDITION USER_LEFT, OWN_ACCOUNT.
Result<pb::User> Disabled(const Principal& who, pb::User user, bool left);

/// Switched on. INVITED stays INVITED, since there is no password yet. FAILED_PRECONDITION USER_LEFT.
Result<pb::User> Enabled(pb::User user);

/// Has a password now. FAILED_PRECONDITION USER_LEFT; a DISABLED account stays so.
Result<pb::User> WithPassword(pb::User user, bool must_change);

/// What others may know: no display name, no phone number.
pb::User ForEvents(pb::User user);

/// The names of the top-level fields in which two accounts differ, but etag and update_time.
std::vector<std::string> ChangedFields(const pb::User& before, const pb::User& after);

}  // namespace carillon::access::domain
