#include "routing/api/handlers.hpp"
#include "routing/store/records.hpp"
#include "rpc/page.hpp"

namespace carillon::routing::api {

Result<pb::ListInteractionsResponse> ListInteractions(Call& call, Deps& deps,
                                                      const pb::ListInteractionsRequest& in) {
  pb::ListInteractionsRequest filter = in;
  filter.clear_page_token();
  filter.clear_page_size();
  const auto selected = filter.SerializeAsString();
  TRY(const auto before, rpc::PageKey(in.page_token(), selected));
  const int size = rpc::PageSize(in.page_size());
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListInteractionsResponse> {
    pb::ListInteractionsResponse out;
    const auto rows = store::ListInteractions(tx, in, before, size + 1);
    for (const auto& row : rows) {
      if (out.interactions_size() == size) {
        out.set_next_page_token(rpc::PageToken(IdIn(out.interactions(size - 1).name()), selected));
        break;
      }
      *out.add_interactions() = row;
    }
    return out;
  });
}

}  // namespace carillon::routing::api
