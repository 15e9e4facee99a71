#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/api/memberships.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/org_tree.hpp"
#include "access/domain/roles.hpp"
#include "access/store/audit.hpp"
#include "base/ids.hpp"
#include "carillon/access/v1/access_events.pb.h"
#include "crypto/password.hpp"

namespace carillon::access::api {

Result<void> CheckMemberships(pg::Tx& tx, const Principal& who, pb::User& user) {
  auto unit = Result<pb::OrgUnit>(store::LoadRoot(tx));
  if (!user.unit().empty()) unit = store::LoadUnit(tx, user.unit());
  if (!unit) return unit.error();
  TRY_VOID(domain::RequireScope(who, unit->path()));
  user.set_unit(unit->name());
  user.set_unit_path(unit->path());
  TRY(const auto roles, store::LoadRoles(tx, {user.roles().begin(), user.roles().end()}));
  for (const auto& role : roles) TRY_VOID(domain::RequireGrantable(who, role));
  for (const auto& client : user.clients()) TRY_VOID(store::LoadClient(tx, client));
  return Ok();
}

Result<pb::User> CreateUser(Call& call, Deps& deps, const pb::CreateUserRequest& in) {
  if (in.user().login().empty())
    return InvalidArgument("FIELD_INVALID", "A field is missing.", {{"user.login", "must be set"}});
  std::string hash;
  if (!in.password().empty()) {
    TRY_VOID(domain::CheckPassword(in.password(), in.user().login(), in.user().agent_number(), "password"));
    hash = crypto::HashPassword(in.password());
  }
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::User> {
    auto user = in.user();
    user.set_name("users/" + NewId(call.now));
    user.set_state(hash.empty() ? pb::User::INVITED : pb::User::ACTIVE);
    user.set_must_change_password(!hash.empty() && !in.permanent_password());
    user.clear_lock_end_time();
    user.clear_last_login_time();
    if (user.display_name().empty()) user.set_display_name(user.login());
    if (user.clients().empty() && !user.all_clients())
      if (const auto client = store::DefaultClient(tx); !client.empty()) user.add_clients(client);
    TRY_VOID(CheckMemberships(tx, call.principal, user));
    store::InsertUser(tx, user, hash, real_now);
    store::Audit(tx, {.action = "user.create", .resource = user.name(), .after = &user}, real_now);
    pb::UserCreated event;
    *event.mutable_user() = domain::ForEvents(user);
    pg::Announce(tx, kUsersTopic, IdOf(user.name()), event, call.now);
    return user;
  }));
}

}  // namespace carillon::access::api
