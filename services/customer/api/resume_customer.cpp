#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {

Result<pb::Customer> ResumeCustomer(Call& call, Deps& deps, const pb::ResumeCustomerRequest& in) {
  TRY(const std::string id, IdOfName(in.name(), "customers"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const pb::Customer before, store::LoadForUpdate(tx, deps.vault, id));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const pb::Customer after, domain::Resumed(before, call.now));
    TRY_VOID(SaveChangedState(tx, deps, before, after));
    return after;
  });
}

}  // namespace carillon::customer::api
