#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/org_tree.hpp"
#include "access/store/audit.hpp"
#include "access/store/users.hpp"

namespace carillon::access::api {

Result<pb::OrgUnit> UpdateOrgUnit(Call& call, Deps& deps, const pb::UpdateOrgUnitRequest& in) {
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::OrgUnit> {
    // Moves of one tenant go one after the other: two of them together could close a circle.
    TRY(const auto tenant, store::LoadTenant(tx, store::Lock::kYes));
    TRY(const auto before, store::LoadUnit(tx, in.org_unit().name()));
    TRY_VOID(domain::RequireScope(call.principal, before.path()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.org_unit().etag()));
    auto after = before;
    TRY_VOID(
        Patch(in.update_mask(), in.org_unit(), after, {"display_name", "type", "site", "leader", "parent"}));
    if (after.type() == pb::OrgUnit::TYPE_UNSPECIFIED) after.set_type(before.type());
    if (after.leader() != before.leader() && !after.leader().empty())
      TRY_VOID(store::LoadUser(tx, after.leader(), real_now));
    if (after.parent() != before.parent()) {
      if (after.parent().empty()) return errors::UnitIsRoot();
      TRY(const auto parent, store::LoadUnit(tx, after.parent()));
      TRY_VOID(domain::RequireScope(call.principal, parent.path()));
      TRY(const auto path, domain::MovedPath(before.path(), store::DeepestBelow(tx, before.path()),
                                             parent.path(), tenant.unit_levels_size()));
      store::MoveUnits(tx, before.path(), path);
      after.set_path(path);
    }
    store::SaveUnit(tx, after);
    store::Audit(tx, {.action = "unit.update", .resource = after.name(), .before = &before, .after = &after},
                 real_now);
    return after;
  }));
}

}  // namespace carillon::access::api
