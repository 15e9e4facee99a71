#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/org_tree.hpp"
#include "access/store/audit.hpp"
#include "access/store/users.hpp"
#include "carillon/access/v1/access_events.pb.h"

namespace carillon::access::api {

Result<pb::User> EnableUser(Call& call, Deps& deps, const pb::EnableUserRequest& in) {
  const auto real_now = RealNow();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::User> {
    TRY(const auto seen, store::LoadAccount(tx, in.name(), real_now, store::Lock::kYes));
    const auto& before = seen.user;
    TRY_VOID(domain::RequireScope(call.principal, before.unit_path()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(auto after, domain::Enabled(before));
    // Without a password there is nothing to switch on yet.
    if (seen.password_hash.empty()) after.set_state(pb::User::INVITED);
    if (after.state() == before.state() && !before.has_lock_end_time()) return before;
    store::SaveUser(tx, after);
    store::Audit(tx, {.action = "user.enable", .resource = in.name(), .before = &before, .after = &after},
                 real_now);
    pb::UserUpdated event;
    *event.mutable_user() = domain::ForEvents(after);
    event.add_changed("state");
    pg::Announce(tx, kUsersTopic, IdOf(in.name()), event, call.now);
    return after;
  });
}

}  // namespace carillon::access::api
