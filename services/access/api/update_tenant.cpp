#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/domain/accounts.hpp"
#include "access/domain/errors.hpp"
#include "access/store/audit.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::Tenant> UpdateTenant(Call& call, Deps& deps, const pb::UpdateTenantRequest& in) {
  auto own = call;
  own.principal.tenant = IdOf(in.tenant().name());
  const auto real_now = RealNow();
  return deps.db.Write(own, [&](pg::Tx& tx) -> Result<pb::Tenant> {
    TRY(const auto before, store::LoadTenant(tx, store::Lock::kYes));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.tenant().etag()));
    auto after = before;
    TRY_VOID(Patch(in.update_mask(), in.tenant(), after,
                   {"display_name", "state", "unit_levels", "seat_quota", "single_session"}));
    TRY_VOID(domain::RequireTenantStep(before.state(), after.state()));
    if (after.unit_levels_size() < before.unit_levels_size()) {
      const int depth = store::DeepestUnit(tx);
      if (depth > after.unit_levels_size()) return errors::UnitLevelsInUse(depth);
    }
    store::SaveTenant(tx, after);
    store::Audit(tx,
                 {.action = "tenant.update", .resource = after.name(), .before = &before, .after = &after},
                 real_now);
    return after;
  });
}

}  // namespace carillon::access::api
