#include "knowledge/api/methods.hpp"
#include "knowledge/store/articles.hpp"
#include "knowledge/store/gaps.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

Result<pb::Gap> AnswerGap(Call& call, Deps& deps, const pb::AnswerGapRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Gap> {
    // The article first, as its publication does: one of the two sees the other.
    TRY(const auto article, store::LockArticle(tx, in.article()));
    TRY(const auto before, store::LockGap(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    const bool published = article.published().state() == pb::ArticleVersion::PUBLISHED;
    TRY(auto answered, domain::Answered(before, in.article(), published, call.now));
    const auto gap = store::SaveGap(tx, std::move(answered));
    if (gap.state() == pb::Gap::CLOSED) store::AnnounceGap(tx, gap);
    return gap;
  });
}

}  // namespace carillon::knowledge::api
