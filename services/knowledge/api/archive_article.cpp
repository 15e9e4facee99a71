#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> ArchiveArticle(Call& call, Deps& deps, const pb::ArchiveArticleRequest& in) {
  return ChangeArticle(
      call, deps, in, [&](pg::Tx&, const pb::Article& before) { return domain::Archived(before, call.now); });
}

}  // namespace carillon::knowledge::api
