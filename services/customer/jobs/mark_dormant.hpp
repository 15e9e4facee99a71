#pragma once
#include <functional>
#include <string>

#include "base/call.hpp"
#include "customer/deps.hpp"

namespace carillon::customer::jobs {

/// Turns ACTIVE customers without contact or change for `silence` into DORMANT, each in its own transaction
/// as its tenant, at most a thousand a turn. Several processes may do it at once: each customer changes once.
/// `call_for` makes the call of a tenant.
void MarkDormant(pg::Pool& worker_db, Deps& deps,
                 const std::function<Call(const std::string& tenant)>& call_for, const Call& worker,
                 Duration silence);

}  // namespace carillon::customer::jobs
