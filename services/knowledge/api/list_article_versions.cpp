#include "knowledge/api/methods.hpp"
#include "knowledge/store/articles.hpp"

namespace carillon::knowledge::api {

Result<pb::ListArticleVersionsResponse> ListArticleVersions(Call& call, Deps& deps,
                                                            const pb::ListArticleVersionsRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListArticleVersionsResponse> {
    TRY(const auto article, store::LoadArticle(tx, in.parent()));
    TRY_VOID(ShownTo(call, article));
    pb::ListArticleVersionsResponse out;
    for (auto& version : store::Versions(tx, in.parent(), SeesAll(call)))
      *out.add_versions() = std::move(version);
    return out;
  });
}

}  // namespace carillon::knowledge::api
