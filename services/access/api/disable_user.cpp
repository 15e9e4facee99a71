#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/org_tree.hpp"
#include "access/store/audit.hpp"
#include "access/store/sessions.hpp"
#include "access/store/users.hpp"
#include "carillon/access/v1/access_events.pb.h"

namespace carillon::access::api {

Result<pb::User> DisableUser(Call& call, Deps& deps, const pb::DisableUserRequest& in) {
  const auto real_now = RealNow();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::User> {
    TRY(const auto before, store::LoadUser(tx, in.name(), real_now, store::Lock::kYes));
    TRY_VOID(domain::RequireScope(call.principal, before.unit_path()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(auto after, domain::Disabled(call.principal, before, in.left()));
    if (after.state() == before.state()) return before;
    store::SaveUser(tx, after);
    store::EndSessionsOf(tx, in.name(), real_now, "ACCOUNT_DISABLED");
    store::Audit(tx,
                 {.action = in.left() ? "user.leave" : "user.disable",
                  .resource = in.name(),
                  .detail = in.reason(),
                  .before = &before,
                  .after = &after},
                 real_now);
    pb::UserDisabled event;
    *event.mutable_user() = domain::ForEvents(after);
    pg::Announce(tx, kUsersTopic, IdOf(in.name()), event, call.now);
    return after;
  });
}

}  // namespace carillon::access::api
