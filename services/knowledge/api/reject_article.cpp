#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> RejectArticle(Call& call, Deps& deps, const pb::RejectArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    return domain::Rejected(before, in.reason(), ActorOf(call));
  });
}

}  // namespace carillon::knowledge::api
