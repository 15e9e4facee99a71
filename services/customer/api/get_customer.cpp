#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"

namespace carillon::customer::api {

Result<pb::Customer> GetCustomer(Call& call, Deps& deps, const pb::GetCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::Load(tx, deps.vault, id); });
}

}  // namespace carillon::customer::api
