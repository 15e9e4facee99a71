#pragma once
#include <functional>
#include <string>

#include "customer/deps.hpp"
#include "customer/settings.hpp"

namespace carillon::customer::jobs {

/// A call of this service for a tenant.
using CallFor = std::function<Call(const std::string& tenant)>;

/// Removes what was kept long enough, of all tenants, a part at a time: results of files, contacts, what the
/// law made us keep of erased customers; and erases customers closed long ago. Run it again and again.
void Retain(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
            const Settings& settings);

/// Erases again who the list says is erased and who came back with a backup. Run it before anybody may ask:
/// throws std::runtime_error when it could not be done.
void EraseReturned(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker);

}  // namespace carillon::customer::jobs
