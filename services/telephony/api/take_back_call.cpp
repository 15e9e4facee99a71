#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> TakeBackCall(Call& call, Deps& deps, const pb::TakeBackCallRequest& in) {
  return Step(call, deps, in.name(), [&](const pb::Call& now) {
    return domain::TakenBack(now, "agents/" + call.principal.user, call.now);
  });
}

}  // namespace carillon::telephony::api
