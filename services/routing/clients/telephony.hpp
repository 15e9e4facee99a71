#pragma once
#include <carillon/routing/v1/journal.pb.h>

#include <chrono>

#include "base/call.hpp"
#include "base/result.hpp"
#include "host/host.hpp"

/// What routing asks of telephony, after the commit and until it is done, in order for each call.
namespace carillon::routing::clients {

namespace pb = carillon::routing::v1;

struct Telephony {
  host::Host& host;
  std::chrono::milliseconds timeout;
};

/// A call that is over is no error: its end is reported on its own way.
Result<void> ConnectAgent(Call& call, Telephony& deps, const pb::ConnectAgentTask& task);
Result<void> ReleaseCall(Call& call, Telephony& deps, const pb::ReleaseCallTask& task);
Result<void> ArrangeCall(Call& call, Telephony& deps, const pb::ArrangeCallTask& task);
Result<void> HoldCall(Call& call, Telephony& deps, const pb::HoldCallTask& task);

}  // namespace carillon::routing::clients
