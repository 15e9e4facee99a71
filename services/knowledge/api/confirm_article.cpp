#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> ConfirmArticle(Call& call, Deps& deps, const pb::ConfirmArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    return domain::Confirmed(before, deps.review, call.now);
  });
}

}  // namespace carillon::knowledge::api
