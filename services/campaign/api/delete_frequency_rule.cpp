#include "campaign/api/methods.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::FrequencyRule> DeleteFrequencyRule(Call& call, Deps& deps,
                                              const pb::DeleteFrequencyRuleRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) { return store::DeleteRule(tx, in.name()); });
}

}  // namespace carillon::campaign::api
