#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {

Result<pb::Customer> DeleteCustomer(Call& call, Deps& deps, const pb::DeleteCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const pb::Customer before, store::LoadForUpdate(tx, deps.vault, id));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const pb::Customer after, domain::Closed(before, call.now));
    store::SaveState(tx, deps.vault, after);
    pb::CustomerClosed event;
    *event.mutable_customer() = domain::StateOf(after);
    event.set_reason(in.reason());
    pg::Announce(tx, kCustomersTopic, id, event, call.now);
    TRY_VOID(deps.callers.Changing(tx, domain::CallableNumbers(after)));
    return after;
  });
}

}  // namespace carillon::customer::api
