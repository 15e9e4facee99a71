#include "campaign/api/change.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/script.hpp"

namespace carillon::campaign::api {

Result<pb::Script> UpdateScript(Call& call, Deps& deps, const pb::UpdateScriptRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Script> {
    TRY(const auto before, store::LockScript(tx, in.script().name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.script().etag()));
    pb::Script wish = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), in.script(), wish));
    TRY(const auto after, domain::Updated(ActorOf(call, deps), before, wish));
    if (after.etag() != before.etag()) store::SaveScript(tx, after);
    return after;
  });
}

}  // namespace carillon::campaign::api
