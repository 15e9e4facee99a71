#include "qa/api/methods.hpp"
#include "qa/store/evaluations.hpp"
#include "rpc/page.hpp"

namespace carillon::qa::api {

Result<pb::ListEvaluationsResponse> ListEvaluations(Call& call, Deps& deps,
                                                    const pb::ListEvaluationsRequest& in) {
  pb::ListEvaluationsRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<pg::Page<pb::Evaluation>> {
    return store::ListEvaluations(tx, in, SightOf(call), after, rpc::PageSize(in.page_size()));
  }));
  pb::ListEvaluationsResponse out;
  for (auto& item : page.items) *out.add_evaluations() = std::move(item);
  if (!page.next.empty()) out.set_next_page_token(rpc::PageToken(page.next, filter));
  return out;
}

}  // namespace carillon::qa::api
