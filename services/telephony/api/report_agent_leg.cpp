#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ReportAgentLeg(Call& call, Deps& deps, const pb::ReportAgentLegRequest& in) {
  return Step(WithoutReplay(call), deps, in.call(),
              [&](const pb::Call& now) { return domain::AgentLegReported(now, in, call.now); });
}

}  // namespace carillon::telephony::api
