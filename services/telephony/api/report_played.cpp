#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::ReportPlayedResponse> ReportPlayed(Call& call, Deps& deps, const pb::ReportPlayedRequest& in) {
  pb::ReportPlayedResponse response;
  TRY_VOID(Step(WithoutReplay(call), deps, in.call(), [&](const pb::Call& now) -> Result<domain::Change> {
    TRY(auto change, domain::PlayedReported(now, in, call.now));
    response.set_stale(!change.changed);
    return change;
  }));
  return response;
}

}  // namespace carillon::telephony::api
