#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::ListClientsResponse> ListClients(Call& call, Deps& deps, const pb::ListClientsRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "clients"));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Client>> {
    return store::ListClients(tx, after, size + 1);
  }));
  pb::ListClientsResponse out;
  FillPage(out, out.mutable_clients(), std::move(rows), size, "clients",
           [](const pb::Client& client) { return IdOf(client.name()); });
  return out;
}

}  // namespace carillon::access::api
