#include "knowledge/api/methods.hpp"
#include "knowledge/store/gaps.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::ListGapsResponse> ListGaps(Call& call, Deps& deps, const pb::ListGapsRequest& in) {
  pb::ListGapsRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<pg::Page<pb::Gap>> {
    return store::ListGaps(tx, in, ReporterOf(call), after, rpc::PageSize(in.page_size()));
  }));
  pb::ListGapsResponse out;
  for (auto& gap : page.items) *out.add_gaps() = std::move(gap);
  if (!page.next.empty()) out.set_next_page_token(rpc::PageToken(page.next, filter));
  return out;
}

}  // namespace carillon::knowledge::api
