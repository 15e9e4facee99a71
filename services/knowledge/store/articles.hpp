#pragma once
#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "knowledge/domain/article.hpp"
#include "knowledge/domain/ranking.hpp"
#include "pg/message.hpp"

namespace carillon::knowledge::store {

namespace pb = carillon::knowledge::v1;

inline constexpr const char* kArticles = "carillon.knowledge.articles.v1";

/// With published and latest. ARTICLE_UNKNOWN.
Result<pb::Article> LockArticle(pg::Tx& tx, const std::string& name);
Result<pb::Article> LoadArticle(pg::Tx& tx, const std::string& name);
/// ARTICLE_VERSION_UNKNOWN.
Result<pb::ArticleVersion> LoadVersion(pg::Tx& tx, const std::string& article, int number);
/// Newest first; without `all` those that are or were published.
std::vector<pb::ArticleVersion> Versions(pg::Tx& tx, const std::string& article, bool all);
/// Without bodies. With `reader` only what readers read at tx.now().
pg::Page<pb::Article> ListArticles(pg::Tx& tx, const pb::ListArticlesRequest& in, bool reader,
                                   const std::string& after, int size);

/// Writes a change of an article that is new or locked: its rows, the terms it is found by, the gaps it
/// closes, and what is told of it. The article with its etag.
pb::Article Save(pg::Tx& tx, const domain::Change& change);

/// A reader opened it; `search` (name, or empty) led there.
void CountUse(pg::Tx& tx, const pb::Article& article, const std::string& search, const std::string& user);
/// One opinion a user.
void Rate(pg::Tx& tx, const pb::Article& article, const std::string& user, bool helpful);

/// What may answer a question: the candidates of its terms, readable now, of the client or of all, of the
/// types and category asked for, and how much there is to find.
struct Found {
  std::vector<domain::Candidate> candidates;
  domain::Corpus corpus;
};
struct Question {
  std::vector<std::string> terms;  ///< as libs/text makes them of a query
  std::string folded;              ///< the words without those that ask
  std::string language, client, category;
  std::vector<std::string> types;
};
Found FindCandidates(pg::Tx& tx, const Question& question);
/// Summaries, and snippets with the terms marked.
void AddTexts(pg::Tx& tx, std::vector<pb::ArticleHit>& hits, const std::vector<std::string>& terms);

/// Keeps the search; `query` is masked.
void LogSearch(pg::Tx& tx, const std::string& name, const std::string& client, const std::string& user,
               const std::string& query, const std::string& language, int hits, const std::string& gap);

/// Tenant and name of articles that time alone changes by `now`; of all tenants.
std::vector<std::pair<std::string, std::string>> Due(pg::Tx& tx, TimePoint now);
/// Deletes searches, and misses nobody took up, of before; of all tenants.
void Forget(pg::Tx& tx, TimePoint before);

}  // namespace carillon::knowledge::store
