#include "access/api/handlers.hpp"
#include "access/domain/errors.hpp"
#include "access/domain/org_tree.hpp"
#include "access/store/audit.hpp"
#include "access/store/users.hpp"
#include "base/ids.hpp"

namespace carillon::access::api {

Result<pb::OrgUnit> CreateOrgUnit(Call& call, Deps& deps, const pb::CreateOrgUnitRequest& in) {
  std::vector<Violation> problems;
  if (in.org_unit().code().empty()) problems.push_back({"org_unit.code", "must be set"});
  if (in.org_unit().type() == pb::OrgUnit::TYPE_UNSPECIFIED)
    problems.push_back({"org_unit.type", "must be set"});
  if (!problems.empty()) return InvalidArgument("FIELD_INVALID", "A field is missing.", std::move(problems));
  const auto real_now = RealNow();
  return errors::Named(deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::OrgUnit> {
    auto unit = in.org_unit();
    auto parent = Result<pb::OrgUnit>(store::LoadRoot(tx));
    if (!unit.parent().empty()) parent = store::LoadUnit(tx, unit.parent());
    if (!parent) return parent.error();
    TRY_VOID(domain::RequireScope(call.principal, parent->path()));
    TRY(const auto tenant, store::LoadTenant(tx));
    unit.set_name("orgUnits/" + NewId(call.now));
    unit.set_parent(parent->name());
    unit.set_path(domain::PathOf(parent->path(), unit.code()));
    TRY_VOID(domain::RequireDepth(unit.path(), tenant.unit_levels_size()));
    if (!unit.leader().empty()) TRY_VOID(store::LoadUser(tx, unit.leader(), real_now));
    if (unit.display_name().empty()) unit.set_display_name(unit.code());
    store::InsertUnit(tx, unit);
    store::Audit(tx, {.action = "unit.create", .resource = unit.name(), .after = &unit}, real_now);
    return unit;
  }));
}

}  // namespace carillon::access::api
