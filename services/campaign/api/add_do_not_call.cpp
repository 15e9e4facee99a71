#include "campaign/api/methods.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::DoNotCallEntry> AddDoNotCall(Call& call, Deps& deps, const pb::AddDoNotCallRequest& in) {
  const auto& entry = in.do_not_call_entry();
  if (entry.customer().empty() == entry.number().empty()) return errors::DoNotCallSubject();
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::DoNotCallEntry> {
    if (!entry.customer().empty()) return store::StopOffers(tx, entry, "");
    return store::AddEntry(tx, entry, deps.vault.NumberHashes(entry.number())).entry;
  });
}

}  // namespace carillon::campaign::api
