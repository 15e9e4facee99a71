#include "knowledge/api/methods.hpp"
#include "knowledge/api/searching.hpp"
#include "knowledge/store/articles.hpp"
#include "text/text.hpp"

namespace carillon::knowledge::api {
namespace {

// What is known of a conversation is no question: any word of it may be what it is about, if an article's
// title or keywords hold it.
constexpr double kNoLeast = 0;

}  // namespace

Result<pb::SuggestArticlesResponse> SuggestArticles(Call& call, Deps& deps,
                                                    const pb::SuggestArticlesRequest& in) {
  store::Question question;
  question.language = in.language();
  question.client = in.client();
  std::string words = in.subject() + " " + in.product();
  for (const auto& choice : in.menu_path()) words += " " + choice;
  question.folded = domain::WithoutAsking(text::Fold(words));
  question.terms = text::QueryTerms(question.folded);
  if (question.terms.empty()) return pb::SuggestArticlesResponse();
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::SuggestArticlesResponse> {
    auto hits = Best(tx, question, domain::ScopeOf(in), kNoLeast, domain::kTitle | domain::kKeyword);
    hits.resize(std::min(hits.size(), static_cast<std::size_t>(in.page_size() == 0 ? 3 : in.page_size())));
    store::AddTexts(tx, hits, question.terms);
    pb::SuggestArticlesResponse out;
    for (auto& hit : hits) *out.add_hits() = std::move(hit);
    return out;
  });
}

}  // namespace carillon::knowledge::api
