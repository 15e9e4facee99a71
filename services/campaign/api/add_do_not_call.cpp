#include "campaign/api/methods.hpp"
#include "campaign/clients/customer.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/policy.hpp"

namespace carillon::campaign::api {

Result<pb::DoNotCallEntry> AddDoNotCall(Call& call, Deps& deps, const pb::AddDoNotCallRequest& in) {
  const auto& entry = in.do_not_call_entry();
  if (entry.customer().empty() == entry.number().empty()) return errors::DoNotCallSubject();
  clients::Customer customer;
  if (!entry.customer().empty()) {
    TRY(customer, clients::FindCustomer(call, deps.customer, entry.customer(), deps.customer_timeout()));
  }
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::DoNotCallEntry> {
    if (!entry.customer().empty()) return store::StopOffers(tx, entry, customer.client, "");
    return store::AddEntry(tx, entry, deps.vault.NumberHashes(entry.number())).entry;
  });
}

}  // namespace carillon::campaign::api
