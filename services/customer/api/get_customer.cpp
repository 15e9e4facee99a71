#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"

namespace carillon::customer::api {

Result<pb::Customer> GetCustomer(Call& call, Deps& deps, const pb::GetCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(auto customer, store::Load(tx, deps.vault, id));
    while (in.redirect() && customer.state() == pb::Customer::MERGED) {
      TRY(customer, store::Load(tx, deps.vault, IdOf(customer.merged_into())));
    }
    return customer;
  });
}

}  // namespace carillon::customer::api
