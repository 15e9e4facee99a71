#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/audit.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::Client> UpdateClient(Call& call, Deps& deps, const pb::UpdateClientRequest& in) {
  const auto real_now = RealNow();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Client> {
    TRY(const auto before, store::LoadClient(tx, in.client().name(), store::Lock::kYes));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.client().etag()));
    auto after = before;
    TRY_VOID(Patch(in.update_mask(), in.client(), after, {"display_name", "state"}));
    if (after.state() == pb::Client::STATE_UNSPECIFIED) after.set_state(before.state());
    store::SaveClient(tx, after);
    store::Audit(tx,
                 {.action = "client.update", .resource = after.name(), .before = &before, .after = &after},
                 real_now);
    return after;
  });
}

}  // namespace carillon::access::api
