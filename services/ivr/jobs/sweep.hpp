#pragma once
#include "base/call.hpp"
#include "host/host.hpp"
#include "ivr/deps.hpp"

/// What no call brings about.
namespace carillon::ivr::jobs {

/// Closes sessions whose call was never reported over, and forgets calling numbers past their retention.
void Sweep(host::Host& host, Deps& deps, Call& call);

/// Sets the gauge of sessions that are not over, of all tenants and processes.
void CountSessions(host::Host& host, const Call& call);

}  // namespace carillon::ivr::jobs
