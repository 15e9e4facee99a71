#pragma once
#include <array>

#include "access/deps.hpp"
#include "host/host.hpp"

namespace carillon::access::events {

/// The services whose users' doings are chained here; access' own go straight into the intake.
inline constexpr std::array kAudited{"customer", "telephony", "routing", "ivr",      "workorder",
                                     "insight",  "campaign",  "qa",      "knowledge"};

/// Topics carillon.<service>.audit.v1: each entry waits for its tenant's chain, once.
void OnAuditRecorded(host::Host& host, Deps& deps);

}  // namespace carillon::access::events
