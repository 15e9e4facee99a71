#include "knowledge/api/methods.hpp"
#include "knowledge/store/articles.hpp"

namespace carillon::knowledge::api {

Result<pb::Article> CreateArticle(Call& call, Deps& deps, const pb::CreateArticleRequest& in) {
  pb::Article wish;
  wish.set_name("articles/" + NewId(call.now));
  wish.set_client(in.article().client());
  wish.set_code(in.article().code());
  wish.set_language(in.article().language());
  wish.set_owner_unit(call.principal.unit);
  TRY(const auto change, domain::Created(wish, in.content(), ActorOf(call)));
  auto made = deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Article> { return store::Save(tx, change); });
  if (!made && made.error().code == Code::kAlreadyExists) return errors::ArticleExists(wish.code());
  return made;
}

}  // namespace carillon::knowledge::api
