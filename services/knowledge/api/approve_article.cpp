#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> ApproveArticle(Call& call, Deps& deps, const pb::ApproveArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    return domain::Approved(before, ActorOf(call));
  });
}

}  // namespace carillon::knowledge::api
