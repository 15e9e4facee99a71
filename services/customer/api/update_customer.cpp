#include <algorithm>

#include "customer/api/api.hpp"
#include "customer/api/composing.hpp"
#include "customer/domain/privacy.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {

Result<pb::Customer> UpdateCustomer(Call& call, Deps& deps, const pb::UpdateCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.customer().name(), "customers", "customer.name"));
  pb::Customer patch = in.customer();
  NormalizeNumbers(patch);
  pb::Customer wanted;  // kept for naming the owner after a lost race
  auto outcome = deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const auto locked, store::LoadLocked(tx, deps.vault, id));
    const pb::Customer& before = locked.customer;
    TRY_VOID(rpc::RequireFresh(before.etag(), patch.etag()));
    wanted = before;
    TRY_VOID(rpc::ApplyMask(in.update_mask(), patch, wanted));
    if (wanted.custom_fields().SerializeAsString() != before.custom_fields().SerializeAsString()) {
      const auto fields = store::CustomFields(tx);
      domain::KeepMasked(before.custom_fields(), *wanted.mutable_custom_fields(), fields);
      TRY_VOID(domain::RequireCustomFields(before.custom_fields(), wanted.custom_fields(), fields));
    }
    TRY(pb::Customer after, domain::Updated(before, wanted, call.now));
    if (locked.composed) {
      TRY(after, Edited(tx, deps, before, after));
    }
    wanted = after;
    const auto changed = domain::ChangedFields(before, after);
    if (changed.empty()) return before;
    // Nobody else comes to own what stays as it is; the source's key never changes.
    if (std::find(changed.begin(), changed.end(), "identifiers") != changed.end()) {
      TRY_VOID(RequireUnowned(tx, deps, after));
    }
    store::ReplaceAtCommit(tx, deps.vault, after, changed);
    AnnounceUpdated(tx, after, changed);
    TRY_VOID(deps.callers.Changing(tx, NumbersOf(before, after)));
    return after;
  });
  return NameTheOwner(call, deps, std::move(outcome), wanted);
}

}  // namespace carillon::customer::api
