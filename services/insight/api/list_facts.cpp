#include "insight/api/methods.hpp"
#include "insight/store/facts.hpp"
#include "rpc/page.hpp"

namespace carillon::insight::api {

Result<pb::ListFactsResponse> ListFacts(Call& call, Deps& deps, const pb::ListFactsRequest& in) {
  pb::ListFactsRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<store::Page> {
    return store::List(tx, in, after, rpc::PageSize(in.page_size()));
  }));
  pb::ListFactsResponse out;
  for (auto& fact : page.facts) *out.add_facts() = std::move(fact);
  if (page.next) out.set_next_page_token(rpc::PageToken(*page.next, filter));
  return out;
}

}  // namespace carillon::insight::api
