#include "knowledge/api/methods.hpp"
#include "knowledge/api/searching.hpp"
#include "knowledge/store/articles.hpp"
#include "knowledge/store/gaps.hpp"
#include "text/text.hpp"

namespace carillon::knowledge::api {
namespace {

/// QUERY_REQUIRED.
Result<store::Question> QuestionOf(const pb::SearchArticlesRequest& in, const std::string& folded) {
  store::Question question;
  question.folded = domain::WithoutAsking(folded);
  question.terms = text::QueryTerms(question.folded);
  if (question.terms.empty()) return errors::QueryRequired();
  question.language = in.language();
  question.client = in.client();
  question.category = in.category();
  for (const auto type : in.types())
    question.types.push_back(pb::ArticleContent::Type_Name(static_cast<pb::ArticleContent::Type>(type)));
  return question;
}

/// The gap of a question that nothing answers: found now, or asked once more.
std::string NoteMiss(pg::Tx& tx, const std::string& client, const std::string& language,
                     const std::string& question, const domain::Actor& actor) {
  const auto fresh = domain::Missed("gaps/" + NewId(actor.now), client, language, question, actor);
  const auto [gap, found] = store::AddOrLock(tx, fresh);
  if (found) {
    store::AnnounceGap(tx, gap);
  } else {
    store::SaveGap(tx, domain::MissedAgain(gap, actor.now));
  }
  return gap.name();
}

}  // namespace

Result<pb::SearchArticlesResponse> SearchArticles(Call& call, Deps& deps,
                                                  const pb::SearchArticlesRequest& in) {
  const auto folded = text::Fold(in.query());
  TRY(const auto question, QuestionOf(in, folded));
  const auto answer = [&](pg::Tx& tx) -> Result<pb::SearchArticlesResponse> {
    pb::SearchArticlesResponse out;
    auto hits = Best(tx, question, domain::ScopeOf(in), domain::kLeastCoverage);
    out.set_total_size(static_cast<int>(hits.size()));
    hits.resize(std::min(hits.size(), static_cast<std::size_t>(in.page_size() == 0 ? 10 : in.page_size())));
    store::AddTexts(tx, hits, question.terms);
    for (auto& hit : hits) *out.add_hits() = std::move(hit);
    return out;
  };
  if (in.typing()) return deps.db.Read(call, answer);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::SearchArticlesResponse> {
    TRY(auto out, answer(tx));
    const auto client = ClientFor(call, in.client());
    const auto masked = domain::Masked(folded);
    if (out.hits().empty()) out.set_gap(NoteMiss(tx, client, in.language(), masked, ActorOf(call)));
    out.set_search("searches/" + NewId(call.now));
    store::LogSearch(tx, out.search(), client, call.principal.Name(), masked, in.language(), out.total_size(),
                     out.gap());
    return out;
  });
}

}  // namespace carillon::knowledge::api
