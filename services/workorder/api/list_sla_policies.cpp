#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::ListSlaPoliciesResponse> ListSlaPolicies(Call& call, Deps& deps,
                                                    const pb::ListSlaPoliciesRequest&) {
  TRY(const auto own, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::SlaPolicy>> {
    return store::Policies(tx);
  }));
  pb::ListSlaPoliciesResponse out;
  for (const auto& policy : own) *out.add_policies() = policy;
  for (const auto& policy : domain::DefaultPolicies()) {
    const bool replaced = std::any_of(own.begin(), own.end(), [&](const auto& other) {
      return other.type() == policy.type() && (other.priority() == policy.priority() ||
                                               other.priority() == pb::WorkOrder::PRIORITY_UNSPECIFIED);
    });
    if (!replaced) *out.add_policies() = policy;
  }
  return out;
}

}  // namespace carillon::workorder::api
