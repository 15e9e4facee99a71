#include "knowledge/api/methods.hpp"
#include "knowledge/store/articles.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> RateArticle(Call& call, Deps& deps, const pb::RateArticleRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Article> {
    TRY(const auto before, store::LoadArticle(tx, in.name()));
    if (!domain::Readable(before, call.now)) return errors::UnknownArticle(in.name());
    store::Rate(tx, before, call.principal.Name(), in.helpful());
    TRY(const auto after, store::LoadArticle(tx, in.name()));
    return ShownTo(call, after);
  });
}

}  // namespace carillon::knowledge::api
