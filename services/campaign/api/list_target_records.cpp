#include "campaign/api/methods.hpp"
#include "campaign/api/pages.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::api {

Result<pb::ListTargetRecordsResponse> ListTargetRecords(Call& call, Deps& deps,
                                                        const pb::ListTargetRecordsRequest& in) {
  const auto filter = FilterOf(in);
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  const int size = rpc::PageSize(in.page_size());
  TRY(auto found, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::TargetRecord>> {
    TRY_VOID(store::LoadCampaign(tx, in.campaign()));
    return store::ListTargets(tx, in, after, size + 1);
  }));
  pb::ListTargetRecordsResponse out;
  out.set_next_page_token(FillPage(std::move(found), size, filter, out.mutable_target_records()));
  return out;
}

}  // namespace carillon::campaign::api
