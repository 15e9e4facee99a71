#include "qa/api/methods.hpp"
#include "qa/store/plans.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::ListSamplePlansResponse> ListSamplePlans(Call& call, Deps& deps,
                                                    const pb::ListSamplePlansRequest& in) {
  pb::ListSamplePlansRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<pg::Page<pb::SamplePlan>> {
    return store::ListPlans(tx, in, after, rpc::PageSize(in.page_size()));
  }));
  pb::ListSamplePlansResponse out;
  for (auto& item : page.items) *out.add_sample_plans() = std::move(item);
  if (!page.next.empty()) out.set_next_page_token(rpc::PageToken(page.next, filter));
  return out;
}

}  // namespace carillon::qa::api
