#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> ReportAnswered(Call& call, Deps& deps, const pb::ReportAnsweredRequest& in) {
  return Step(WithoutReplay(call), deps, in.call(),
              [&](const pb::Call& now) { return domain::Answered(now, in, deps.wait, call.now); });
}

}  // namespace carillon::telephony::api
