#pragma once
#include "base/call.hpp"
#include "carillon/ivr/v1/machine.pb.h"
#include "host/host.hpp"
#include "ivr/deps.hpp"

/// What no call brings about.
namespace carillon::ivr::jobs {

/// Closes sessions whose call was never reported over, and forgets calling numbers past their retention.
void Sweep(host::Host& host, Deps& deps, Call& call);

/// The task "cancel_interaction": work in a queue whose caller hung up while being handed over.
Result<void> CancelInteraction(Call& call, Deps& deps, const v1::CancelInteractionTask& task);

}  // namespace carillon::ivr::jobs
