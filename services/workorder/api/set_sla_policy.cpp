#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::SlaPolicy> SetSlaPolicy(Call& call, Deps& deps, const pb::SetSlaPolicyRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SlaPolicy> {
    store::SetPolicy(tx, in.policy());
    return in.policy();
  });
}

}  // namespace carillon::workorder::api
