#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ConnectAgent(Call& call, Deps& deps, const pb::ConnectAgentRequest& in) {
  return Step(WithoutReplay(call), deps, in.call(),
              [&](const pb::Call& now) { return domain::AgentConnecting(now, in, call.now); });
}

}  // namespace carillon::telephony::api
