#pragma once
#include "knowledge/api/deps.hpp"
#include "knowledge/store/articles.hpp"
#include "rpc/page.hpp"

namespace carillon::knowledge::api {

/// Locks, decides, saves and announces: `decide(tx, before)` gives the Change.
template <class Request, class Decide>
Result<pb::Article> ChangeArticle(const Call& call, Deps& deps, const Request& in, Decide decide) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Article> {
    TRY(const auto before, store::LockArticle(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const domain::Change change, decide(tx, before));
    return store::Save(tx, change);
  });
}

}  // namespace carillon::knowledge::api
