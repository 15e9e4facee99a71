#include "knowledge/api/methods.hpp"
#include "knowledge/store/articles.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::ListArticlesResponse> ListArticles(Call& call, Deps& deps, const pb::ListArticlesRequest& in) {
  pb::ListArticlesRequest question = in;
  question.clear_page_size();
  question.clear_page_token();
  const auto filter = question.SerializeAsString();
  TRY(const auto after, rpc::PageKey(in.page_token(), filter));
  const bool reader = !SeesAll(call);
  TRY(auto page, deps.db.Read(call, [&](pg::Tx& tx) -> Result<pg::Page<pb::Article>> {
    return store::ListArticles(tx, in, reader, after, rpc::PageSize(in.page_size()));
  }));
  pb::ListArticlesResponse out;
  for (auto& article : page.items) {
    if (reader) article.clear_latest();
    *out.add_articles() = std::move(article);
  }
  if (!page.next.empty()) out.set_next_page_token(rpc::PageToken(page.next, filter));
  return out;
}

}  // namespace carillon::knowledge::api
