#include "customer/api/api.hpp"
#include "customer/api/segments.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/privacy.hpp"

namespace carillon::customer::api {

Result<pb::Customer> CreateCustomer(Call& call, Deps& deps, const pb::CreateCustomerRequest& in) {
  pb::Customer draft = in.customer();
  NormalizeNumbers(draft);
  TRY(const std::string client, domain::ClientFor(call.principal, draft.client()));
  TRY(const pb::Customer customer,
      domain::Created(std::move(draft), NewId(call.now), client, call.principal, call.now));
  auto outcome = deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY_VOID(domain::RequireCustomFields({}, customer.custom_fields(), store::CustomFields(tx)));
    TRY_VOID(RequireUnowned(tx, deps, customer));
    store::Insert(tx, deps.vault, {customer});
    AnnounceCreated(tx, customer, customer.source().system());
    if (customer.accounts_size() > 0 || customer.has_custom_fields())
      SegmentAfter(tx, customer, {"accounts"});
    TRY_VOID(deps.callers.Changing(tx, domain::CallableNumbers(customer)));
    return customer;
  });
  return NameTheOwner(call, deps, std::move(outcome), customer);
}

}  // namespace carillon::customer::api
