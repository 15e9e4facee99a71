#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ArrangeCall(Call& call, Deps& deps, const pb::ArrangeCallRequest& in) {
  return Step(WithoutReplay(call), deps, in.name(),
              [&](const pb::Call& now) { return domain::Arranged(now, in, call.now); });
}

}  // namespace carillon::telephony::api
