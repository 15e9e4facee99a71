#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/api/memberships.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/org_tree.hpp"
#include "access/store/audit.hpp"
#include "carillon/access/v1/access_events.pb.h"

namespace carillon::access::api {

Result<pb::User> UpdateUser(Call& call, Deps& deps, const pb::UpdateUserRequest& in) {
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::User> {
    TRY(const auto before, store::LoadUser(tx, in.user().name(), real_now, store::Lock::kYes));
    TRY_VOID(domain::RequireScope(call.principal, before.unit_path()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.user().etag()));
    if (before.state() == pb::User::LEFT) return errors::UserLeft();
    auto after = before;
    TRY_VOID(Patch(in.update_mask(), in.user(), after,
                   {"agent_number", "display_name", "phone_number", "unit", "roles", "clients", "all_clients",
                    "language"}));
    TRY_VOID(CheckMemberships(tx, call.principal, after));
    const auto changed = domain::ChangedFields(before, after);
    if (std::find(changed.begin(), changed.end(), "roles") != changed.end() &&
        before.name() == "users/" + call.principal.user)
      return errors::OwnRoles();
    if (changed.empty()) return before;
    store::SaveUser(tx, after);
    std::string names;
    for (const auto& name : changed) names += (names.empty() ? "" : ", ") + name;
    store::Audit(tx,
                 {.action = "user.update",
                  .resource = after.name(),
                  .detail = names,
                  .before = &before,
                  .after = &after},
                 real_now);
    pb::UserUpdated event;
    *event.mutable_user() = domain::ForEvents(after);
    for (const auto& name : changed) event.add_changed(name);
    pg::Announce(tx, kUsersTopic, IdOf(after.name()), event, call.now);
    return after;
  }));
}

}  // namespace carillon::access::api
