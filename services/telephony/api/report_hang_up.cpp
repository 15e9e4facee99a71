#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ReportHangUp(Call& call, Deps& deps, const pb::ReportHangUpRequest& in) {
  return Step(WithoutReplay(call), deps, in.call(), [&](const pb::Call& now) -> Result<domain::Change> {
    return domain::HungUp(now, in.party(), in.cause(), call.now);
  });
}

}  // namespace carillon::telephony::api
