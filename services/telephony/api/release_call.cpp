#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ReleaseCall(Call& call, Deps& deps, const pb::ReleaseCallRequest& in) {
  return Step(call, deps, in.name(), [&](const pb::Call& now) -> Result<domain::Change> {
    return domain::Released(now, in.cause(), call.now);
  });
}

}  // namespace carillon::telephony::api
