#include "knowledge/api/methods.hpp"
#include "knowledge/store/gaps.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::Gap> AssignGap(Call& call, Deps& deps, const pb::AssignGapRequest& in) {
  const auto assignee = in.assignee().empty() ? call.principal.Name() : in.assignee();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Gap> {
    TRY(const auto before, store::LockGap(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(auto gap, domain::Assigned(before, assignee, call.now));
    return store::SaveGap(tx, std::move(gap));
  });
}

}  // namespace carillon::knowledge::api
