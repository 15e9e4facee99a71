#include "telephony/api/handlers.hpp"

namespace carillon::telephony::api {

Result<pb::Call> GetCall(Call& call, Deps& deps, const pb::GetCallRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::Load(tx, in.name()); });
}

}  // namespace carillon::telephony::api
