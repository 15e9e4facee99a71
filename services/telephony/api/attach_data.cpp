#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> AttachData(Call& call, Deps& deps, const pb::AttachDataRequest& in) {
  return Step(call, deps, in.name(),
              [&](const pb::Call& now) { return domain::DataAttached(now, in.data(), call.now); });
}

}  // namespace carillon::telephony::api
