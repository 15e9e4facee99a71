#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> EditArticle(Call& call, Deps& deps, const pb::EditArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    return domain::Edited(before, in.content(), ActorOf(call));
  });
}

}  // namespace carillon::knowledge::api
