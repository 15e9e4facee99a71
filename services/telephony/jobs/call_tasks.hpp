#pragma once
#include "telephony/api/deps.hpp"

namespace carillon::telephony::jobs {

/// Does one piece of work that telephony owes a peer for a call. Runs after the commit that made it, in order
/// for each call; a transient error brings it back. Every step may have been done before by a process that
/// died.
Result<void> DoCallTask(Call& call, Deps& deps, const v1::CallTask& task);

}  // namespace carillon::telephony::jobs
