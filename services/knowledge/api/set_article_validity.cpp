#include "base/proto_time.hpp"
#include "knowledge/api/change.hpp"
#include "knowledge/api/methods.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> SetArticleValidity(Call& call, Deps& deps, const pb::SetArticleValidityRequest& in) {
  return ChangeArticle(call, deps, in, [&](pg::Tx&, const pb::Article& before) {
    std::optional<TimePoint> from, to;
    if (in.has_valid_from()) from = FromProto(in.valid_from());
    if (in.has_valid_to()) to = FromProto(in.valid_to());
    return domain::Revalidated(before, from, to, call.now);
  });
}

}  // namespace carillon::knowledge::api
