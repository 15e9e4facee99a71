#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> RollBackArticle(Call& call, Deps& deps, const pb::RollBackArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx& tx, const pb::Article& before) -> Result<domain::Change> {
    TRY(const auto version, store::LoadVersion(tx, before.name(), in.version()));
    return domain::RolledBack(before, version, deps.review, call.now);
  });
}

}  // namespace carillon::knowledge::api
