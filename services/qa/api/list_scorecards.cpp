#include "qa/api/methods.hpp"
#include "qa/store/scorecards.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::ListScorecardsResponse> ListScorecards(Call& call, Deps& deps,
                                                  const pb::ListScorecardsRequest& in) {
  pb::ListScorecardsRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<pg::Page<pb::Scorecard>> {
    return store::ListScorecards(tx, in, after, rpc::PageSize(in.page_size()));
  }));
  pb::ListScorecardsResponse out;
  for (auto& item : page.items) *out.add_scorecards() = std::move(item);
  if (!page.next.empty()) out.set_next_page_token(rpc::PageToken(page.next, filter));
  return out;
}

}  // namespace carillon::qa::api
