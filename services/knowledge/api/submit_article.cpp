#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> SubmitArticle(Call& call, Deps& deps, const pb::SubmitArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    return domain::Submitted(before, ActorOf(call));
  });
}

}  // namespace carillon::knowledge::api
