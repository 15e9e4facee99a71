#include "access/api/handlers.hpp"
#include "access/api/masks.hpp"
#include "access/store/directory.hpp"

namespace carillon::access::api {

Result<pb::ListOrgUnitsResponse> ListOrgUnits(Call& call, Deps& deps, const pb::ListOrgUnitsRequest& in) {
  TRY(const auto after, rpc::PageKey(in.page_token(), in.path_prefix()));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto rows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::OrgUnit>> {
    return store::ListUnits(tx, after, in.path_prefix(), size + 1);
  }));
  pb::ListOrgUnitsResponse out;
  FillPage(out, out.mutable_org_units(), std::move(rows), size, in.path_prefix(),
           [](const pb::OrgUnit& unit) { return unit.path(); });
  return out;
}

}  // namespace carillon::access::api
