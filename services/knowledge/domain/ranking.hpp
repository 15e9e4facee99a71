#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/knowledge/v1/article.pb.h"
#include "carillon/knowledge/v1/knowledge_service.pb.h"

/// How well an article answers a question: BM25 over four fields (title before keyword before summary before
/// body), then what readers made of it. Pure; texts are folded (libs/text) before they come here.
namespace carillon::knowledge::domain {

namespace pb = carillon::knowledge::v1;

/// Where a term stands; a set of them is a sum.
enum Field : unsigned { kTitle = 1, kKeyword = 2, kSummary = 4, kBody = 8 };

/// A term of the question in an article.
struct Match {
  unsigned fields = 0;
  bool whole = false;  ///< a stored term equals it; else it is only the beginning of one
};

struct Candidate {
  pb::ArticleHit hit;
  pb::ArticleContent::AppliesTo applies_to;
  std::map<std::size_t, Match> matches;  ///< by the term's place in the question
  int length = 0;                        ///< terms of summary and body
  bool title_is_question = false;
  std::int64_t helpful = 0, unhelpful = 0;
};

/// What there is to find.
struct Corpus {
  std::int64_t articles = 0;
  double average_length = 0;
};

/// Whom the answer is for; an empty part is no matter.
struct Scope {
  std::string region = {}, grade = {}, brand = {}, product = {};
  carillon::type::v1::Channel channel = carillon::type::v1::CHANNEL_UNSPECIFIED;
};

/// The question (folded) without the words that ask ("请问", "怎么", "多少钱", "how much is the"): those
/// stand in every question and in no answer. The question itself when nothing would be left.
std::string WithoutAsking(std::string_view folded);

/// Share of the question's letters and characters that the matched terms cover, 0 to 1. Two terms that
/// overlap cover their letters once; `terms` are all terms of the question.
double Coverage(std::string_view question, const std::vector<std::string>& terms,
                const std::set<std::size_t>& matched);

/// Whether it holds there and for them. "44" holds in 4401; what is bound to 4401 does not hold in all of 44.
bool InScope(const pb::ArticleContent::AppliesTo& applies_to, const Scope& scope);

/// The candidates that cover at least `least` of the question, the best first, each with its score. Ties go
/// to the one used more, then by name.
std::vector<Candidate> Ranked(std::vector<Candidate> candidates, std::string_view question,
                              const std::vector<std::string>& terms, const Corpus& corpus, const Scope& scope,
                              double least);

/// The summary or, when none of the terms stands in it, what surrounds the first in the body; cut to about
/// `width` characters, with the terms marked.
std::vector<pb::ArticleHit::Span> Snippet(std::string_view summary, std::string_view body,
                                          const std::vector<std::string>& terms, std::size_t width);

/// What may be kept of a question: runs of five and more digits, and mail addresses, become "#".
std::string Masked(std::string_view folded);

/// "zh" of "zh-CN", the language without its country; a part of what was given.
std::string_view Tongue(std::string_view language);

/// Whether an article in `written` answers a question in `asked`: one is the other, or its beginning ("zh"
/// and "zh-CN").
bool SameLanguage(std::string_view asked, std::string_view written);

/// A search's hit covers at least so much of the question.
inline constexpr double kLeastCoverage = 0.7;

}  // namespace carillon::knowledge::domain
