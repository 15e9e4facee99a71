#pragma once
#include "base/call.hpp"
#include "customer/deps.hpp"

namespace carillon::host {
class Host;
}

namespace carillon::customer::jobs {

/// Turns ACTIVE customers without contact or change for `silence` into DORMANT, each in its own transaction
/// as its tenant, at most a thousand a turn. Several processes may do it at once: each customer changes once.
void MarkDormant(host::Host& host, Deps& deps, Call& worker, Duration silence);

}  // namespace carillon::customer::jobs
