#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::ListRolesResponse> ListRoles(Call& call, Deps& deps, const pb::ListRolesRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), "roles"));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Role>> {
    return store::ListRoles(tx, after, size + 1);
  }));
  pb::ListRolesResponse out;
  FillPage(out, out.mutable_roles(), std::move(rows), size, "roles",
           [](const pb::Role& role) { return role.code(); });
  return out;
}

}  // namespace carillon::access::api
