#pragma once
#include "knowledge/store/articles.hpp"

namespace carillon::knowledge::domain {

/// Of a search or a suggestion: both name the same parts.
template <class Request>
Scope ScopeOf(const Request& in) {
  return {in.region(), in.grade(), in.brand(), in.product(), in.channel()};
}

}  // namespace carillon::knowledge::domain

namespace carillon::knowledge::api {

/// The hits that cover `least` of the question, the best first; at least one term stands in one of `fields`.
inline std::vector<pb::ArticleHit> Best(pg::Tx& tx, const store::Question& question,
                                        const domain::Scope& scope, double least, unsigned fields = ~0U) {
  auto found = store::FindCandidates(tx, question);
  std::erase_if(found.candidates, [&](const domain::Candidate& candidate) {
    for (const auto& [n, match] : candidate.matches)
      if ((match.fields & fields) != 0) return false;
    return true;
  });
  std::vector<pb::ArticleHit> hits;
  for (auto& candidate : domain::Ranked(std::move(found.candidates), question.folded, question.terms,
                                        found.corpus, scope, least))
    hits.push_back(std::move(candidate.hit));
  return hits;
}

}  // namespace carillon::knowledge::api
