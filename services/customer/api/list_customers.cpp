#include "customer/api/api.hpp"
#include "customer/api/steps.hpp"
#include "rpc/page.hpp"

namespace carillon::customer::api {

Result<pb::ListCustomersResponse> ListCustomers(Call& call, Deps& deps, const pb::ListCustomersRequest& in) {
  if (!in.client().empty()) TRY_VOID(IdOfName(in.client(), "clients", "client"));
  TRY_VOID(domain::RequireFilter(in));
  pb::ListCustomersRequest filter = in;
  filter.clear_page_size();
  filter.clear_page_token();
  const std::string fingerprint = filter.SerializeAsString();
  TRY(const std::string after, rpc::PageKey(in.page_token(), fingerprint));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto found,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::List(tx, deps.vault, filter, after, size + 1); }));
  pb::ListCustomersResponse out;
  for (auto& customer : found) {
    if (out.customers_size() == size) {
      out.set_next_page_token(rpc::PageToken(IdOf(out.customers(size - 1).name()), fingerprint));
      break;
    }
    *out.add_customers() = std::move(customer);
  }
  return out;
}

}  // namespace carillon::customer::api
