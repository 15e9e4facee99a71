#include "campaign/api/methods.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::FrequencyRule> SetFrequencyRule(Call& call, Deps& deps, const pb::SetFrequencyRuleRequest& in) {
  return deps.db.Write(
      call, [&](pg::Tx& tx) -> Result<pb::FrequencyRule> { return store::SetRule(tx, in.frequency_rule()); });
}

}  // namespace carillon::campaign::api
