#include "campaign/api/methods.hpp"
#include "campaign/store/attempts.hpp"

namespace carillon::campaign::api {

Result<pb::TargetRecord> GetTargetRecord(Call& call, Deps& deps, const pb::GetTargetRecordRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadTarget(tx, in.name()); });
}

}  // namespace carillon::campaign::api
