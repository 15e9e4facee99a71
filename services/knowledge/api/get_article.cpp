#include "knowledge/api/methods.hpp"
#include "knowledge/store/articles.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> GetArticle(Call& call, Deps& deps, const pb::GetArticleRequest& in) {
  const auto load = [&](pg::Tx& tx) -> Result<pb::Article> {
    TRY(const auto article, store::LoadArticle(tx, in.name()));
    return ShownTo(call, article);
  };
  // Who writes it is no reader: nothing is counted.
  if (SeesAll(call)) return deps.db.Read(call, load);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Article> {
    TRY(auto article, load(tx));
    store::CountUse(tx, article, in.search(), call.principal.Name());
    article.set_use_count(article.use_count() + 1);
    return article;
  });
}

}  // namespace carillon::knowledge::api
