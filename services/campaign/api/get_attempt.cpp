#include "campaign/api/methods.hpp"
#include "campaign/store/attempts.hpp"

namespace carillon::campaign::api {

Result<pb::Attempt> GetAttempt(Call& call, Deps& deps, const pb::GetAttemptRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Attempt> {
    TRY(const auto record, store::LoadAttempt(tx, in.name()));
    return record.attempt();
  });
}

}  // namespace carillon::campaign::api
