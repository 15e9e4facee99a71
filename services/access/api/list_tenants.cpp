#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::ListTenantsResponse> ListTenants(Call& call, Deps& deps, const pb::ListTenantsRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), in.slug()));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto rows, deps.worker_db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Tenant>> {
    return store::ListTenants(tx, after, in.slug(), size + 1);
  }));
  pb::ListTenantsResponse out;
  FillPage(out, out.mutable_tenants(), std::move(rows), size, in.slug(),
           [](const pb::Tenant& tenant) { return IdOf(tenant.name()); });
  return out;
}

}  // namespace carillon::access::api
