#include "knowledge/api/methods.hpp"
#include "knowledge/store/gaps.hpp"

namespace carillon::knowledge::api {

Result<pb::Gap> GetGap(Call& call, Deps& deps, const pb::GetGapRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadGap(tx, in.name(), ReporterOf(call)); });
}

}  // namespace carillon::knowledge::api
