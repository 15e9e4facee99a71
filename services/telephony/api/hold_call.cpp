#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> HoldCall(Call& call, Deps& deps, const pb::HoldCallRequest& in) {
  return Step(call, deps, in.name(), [&](const pb::Call& now) { return domain::Held(now, call.now); });
}

}  // namespace carillon::telephony::api
