#include "campaign/api/methods.hpp"
#include "campaign/api/pages.hpp"
#include "campaign/store/scripts.hpp"

namespace carillon::campaign::api {

Result<pb::ListScriptsResponse> ListScripts(Call& call, Deps& deps, const pb::ListScriptsRequest& in) {
  const auto filter = FilterOf(in);
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto found, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::Script>> {
    return store::ListScripts(tx, after, size + 1);
  }));
  pb::ListScriptsResponse out;
  out.set_next_page_token(FillPage(std::move(found), size, filter, out.mutable_scripts()));
  return out;
}

}  // namespace carillon::campaign::api
