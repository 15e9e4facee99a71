#include "base/proto_time.hpp"
#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> PublishArticle(Call& call, Deps& deps, const pb::PublishArticleRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    const auto at = in.has_publish_time() ? FromProto(in.publish_time()) : call.now;
    return domain::Published(before, at, deps.review, call.now);
  });
}

}  // namespace carillon::knowledge::api
