#include "campaign/api/methods.hpp"
#include "campaign/domain/gate.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::ListFrequencyRulesResponse> ListFrequencyRules(Call& call, Deps& deps,
                                                          const pb::ListFrequencyRulesRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListFrequencyRulesResponse> {
    pb::ListFrequencyRulesResponse out;
    for (auto& rule : domain::AllRules(store::Rules(tx))) *out.add_frequency_rules() = std::move(rule);
    return out;
  });
}

}  // namespace carillon::campaign::api
