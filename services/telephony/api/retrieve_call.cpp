#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> RetrieveCall(Call& call, Deps& deps, const pb::RetrieveCallRequest& in) {
  return Step(call, deps, in.name(), [&](const pb::Call& now) { return domain::Retrieved(now, call.now); });
}

}  // namespace carillon::telephony::api
