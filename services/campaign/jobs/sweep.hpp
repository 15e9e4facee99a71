#pragma once
#include <functional>

#include "base/call.hpp"
#include "campaign/api/deps.hpp"

namespace carillon::campaign::jobs {

/// What time alone does, by call.now: leases that are over are given back; attempts of which nothing more
/// came are concluded; campaigns begin and end. One by one: what cannot be done now is found again at the
/// next turn. `call_for` makes the Call of a tenant.
void Sweep(const Call& call, api::Deps& deps, const std::function<Call(const std::string& tenant)>& call_for);

}  // namespace carillon::campaign::jobs
