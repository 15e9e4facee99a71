#include "knowledge/api/methods.hpp"
#include "knowledge/store/gaps.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::Gap> CloseGap(Call& call, Deps& deps, const pb::CloseGapRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Gap> {
    TRY(const auto before, store::LockGap(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(auto closed, domain::ClosedWithout(before, in.reason(), call.now));
    const auto gap = store::SaveGap(tx, std::move(closed));
    store::AnnounceGap(tx, gap);
    return gap;
  });
}

}  // namespace carillon::knowledge::api
