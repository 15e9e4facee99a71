#include "base/ids.hpp"
#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> AssistCall(Call& call, Deps& deps, const pb::AssistCallRequest& in) {
  return Step(call, deps, in.name(), [&](const pb::Call& now) {
    return domain::Assisted(now, in, "agents/" + call.principal.user, "assistances/" + NewId(call.now),
                            deps.wait, call.now);
  });
}

}  // namespace carillon::telephony::api
