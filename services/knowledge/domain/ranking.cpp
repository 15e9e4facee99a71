#include "knowledge/domain/ranking.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace carillon::knowledge::domain {
namespace {

// BM25F: a term's weight is the sum over the fields it stands in, saturated by kSaturation; a long body says
// less about what it is about, by kLengthShare.
constexpr double kTitleWeight = 8, kKeywordWeight = 4, kSummaryWeight = 2, kBodyWeight = 1;
constexpr double kSaturation = 1.2, kLengthShare = 0.75;
constexpr double kBeginning = 0.8;  // of a term that was only begun
constexpr double kTitleIsQuestion = 1.5;
constexpr double kUsage = 0.1;          // for each e-fold of uses
constexpr double kOpinion = 0.4;        // between nobody helped and everybody helped
constexpr double kMeantForThem = 1.15;  // for each part of the scope that the article names

// What people say around what they ask for. Chinese first, longest first: "多少钱" before "多少".
constexpr std::array kAsking = {
    "请问一下", "麻烦问下", "需要多少", "需要什么", "要多少钱", "可不可以", "怎么样", "怎么办",
    "怎么弄",   "是什么",   "多少钱",   "有没有",   "能不能",   "是不是",   "为什么", "要多少",
    "要什么",   "要怎么",   "有什么",   "有哪些",   "请问",     "怎么",     "如何",   "什么",
    "多少",     "哪里",     "哪儿",     "哪些",     "我想",     "我要",     "想要",   "需要",
    "可以",     "一下",     "吗",       "呢",       "的",       "我"};
constexpr std::array kAskingWords = {"how", "much",   "many", "what",  "where", "when", "why", "who", "which",
                                     "is",  "are",    "do",   "does",  "can",   "i",    "we",  "you", "my",
                                     "the", "a",      "an",   "of",    "to",    "for",  "in",  "on",  "it",
                                     "me",  "please", "cost", "costs", "get",   "with", "and", "or"};

bool Ascii(char c) { return (static_cast<unsigned char>(c) & 0x80U) == 0; }
bool AsciiWord(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }
bool Starts(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Trimmed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Marks each place of `term`: as words where it is Latin, since its terms are beginnings of words.
void Mark(std::string_view text, std::string_view term, std::vector<bool>& marked) {
  if (term.empty()) return;
  for (std::size_t at = text.find(term); at != std::string_view::npos; at = text.find(term, at + 1)) {
    if (AsciiWord(term.front()) && at > 0 && AsciiWord(text[at - 1])) continue;
    std::fill_n(marked.begin() + static_cast<std::ptrdiff_t>(at), term.size(), true);
  }
}

std::size_t Letters(std::string_view text, const std::vector<bool>& marked) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) count += marked[at] && Starts(text[at]) ? 1 : 0;
  return count;
}

double TermWeight(const Match& match, int length, const Corpus& corpus) {
  const double body_length =
      corpus.average_length > 0
          ? 1 - kLengthShare + kLengthShare * static_cast<double>(length) / corpus.average_length
          : 1;
  double weight = 0;
  if ((match.fields & kTitle) != 0) weight += kTitleWeight;
  if ((match.fields & kKeyword) != 0) weight += kKeywordWeight;
  if ((match.fields & kSummary) != 0) weight += kSummaryWeight;
  if ((match.fields & kBody) != 0) weight += kBodyWeight / body_length;
  return weight * (kSaturation + 1) / (weight + kSaturation) * (match.whole ? 1 : kBeginning);
}

template <class List>
bool Holds(const List& list, const std::string& wanted) {
  return list.empty() || wanted.empty() || std::find(list.begin(), list.end(), wanted) != list.end();
}

bool HoldsIn(const pb::ArticleContent::AppliesTo& applies_to, const std::string& region) {
  return applies_to.regions().empty() || region.empty() ||
         std::any_of(applies_to.regions().begin(), applies_to.regions().end(),
                     [&](const std::string& code) { return region.starts_with(code); });
}

double Opinion(const Candidate& candidate) {
  const auto said = static_cast<double>(candidate.helpful + candidate.unhelpful);
  const double share =
      (static_cast<double>(candidate.helpful) + 1) / (said + 2);  // one of each to begin with
  return 1 + kOpinion * (share - 0.5);
}

double Meant(const Candidate& candidate, const Scope& scope) {
  const auto& to = candidate.applies_to;
  const int parts = (!scope.region.empty() && !to.regions().empty() ? 1 : 0) +
                    (!scope.grade.empty() && !to.grades().empty() ? 1 : 0) +
                    (!scope.brand.empty() && !to.brands().empty() ? 1 : 0) +
                    (!scope.product.empty() && !to.products().empty() ? 1 : 0);
  return std::pow(kMeantForThem, parts);
}

}  // namespace

std::string WithoutAsking(std::string_view folded) {
  std::string out{folded};
  for (const std::string_view word : kAsking) {
    for (auto at = out.find(word); at != std::string::npos; at = out.find(word, at))
      out.replace(at, word.size(), " ");
  }
  std::string kept, word;
  for (const char c : out + " ") {
    if (AsciiWord(c)) {
      word += c;
      continue;
    }
    if (std::find(kAskingWords.begin(), kAskingWords.end(), word) == kAskingWords.end()) kept += word;
    word.clear();
    kept += c;
  }
  kept = Trimmed(kept);
  const bool left = std::any_of(kept.begin(), kept.end(), [](char c) { return !Ascii(c) || AsciiWord(c); });
  return left ? kept : std::string{folded};
}

double Coverage(std::string_view question, const std::vector<std::string>& terms,
                const std::set<std::size_t>& matched) {
  std::vector<bool> all(question.size()), covered(question.size());
  for (std::size_t n = 0; n < terms.size(); ++n) {
    Mark(question, terms[n], all);
    if (matched.contains(n)) Mark(question, terms[n], covered);
  }
  const auto whole = Letters(question, all);
  return whole == 0 ? 0 : static_cast<double>(Letters(question, covered)) / static_cast<double>(whole);
}

bool InScope(const pb::ArticleContent::AppliesTo& applies_to, const Scope& scope) {
  const bool channel = applies_to.channels().empty() || scope.channel == 0 ||
                       std::find(applies_to.channels().begin(), applies_to.channels().end(), scope.channel) !=
                           applies_to.channels().end();
  return channel && HoldsIn(applies_to, scope.region) && Holds(applies_to.grades(), scope.grade) &&
         Holds(applies_to.brands(), scope.brand) && Holds(applies_to.products(), scope.product);
}

std::vector<Candidate> Ranked(std::vector<Candidate> candidates, std::string_view question,
                              const std::vector<std::string>& terms, const Corpus& corpus, const Scope& scope,
                              double least) {
  std::map<std::size_t, double> in_articles;
  for (const auto& candidate : candidates)
    for (const auto& [n, match] : candidate.matches) ++in_articles[n];
  std::erase_if(candidates, [&](const Candidate& candidate) {
    std::set<std::size_t> matched;
    for (const auto& [n, match] : candidate.matches) matched.insert(n);
    return matched.empty() || Coverage(question, terms, matched) < least ||
           !InScope(candidate.applies_to, scope);
  });
  for (auto& candidate : candidates) {
    double score = 0;
    for (const auto& [n, match] : candidate.matches) {
      const double found = in_articles[n];
      const double rest = std::max(0.0, static_cast<double>(corpus.articles) - found);
      score += std::log(1 + (rest + 0.5) / (found + 0.5)) * TermWeight(match, candidate.length, corpus);
    }
    if (candidate.title_is_question) score *= kTitleIsQuestion;
    score *= 1 + kUsage * std::log1p(static_cast<double>(candidate.hit.use_count()));
    score *= Opinion(candidate) * Meant(candidate, scope);
    candidate.hit.set_score(score);
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.hit.score() != b.hit.score()) return a.hit.score() > b.hit.score();
    if (a.hit.use_count() != b.hit.use_count()) return a.hit.use_count() > b.hit.use_count();
    return a.hit.article() < b.hit.article();
  });
  return candidates;
}

std::vector<pb::ArticleHit::Span> Snippet(std::string_view summary, std::string_view body,
                                          const std::vector<std::string>& terms, std::size_t width) {
  const auto marks = [&](std::string_view text) {
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
    std::vector<bool> marked(text.size());
    for (const auto& term : terms) Mark(lower, term, marked);
    return marked;
  };
  auto marked = marks(summary);
  std::string_view text = summary;
  const auto any = [](const std::vector<bool>& where) {
    return std::find(where.begin(), where.end(), true) != where.end();
  };
  if (!any(marked)) {
    auto in_body = marks(body);
    if (any(in_body) || summary.empty()) {
      text = body;
      marked = std::move(in_body);
    }
  }
  // A quarter of the width stands before the first mark.
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (Starts(text[at])) starts.push_back(at);
  const auto first = std::find(marked.begin(), marked.end(), true);
  const auto place = static_cast<std::size_t>(
      first == marked.end()
          ? 0
          : std::lower_bound(starts.begin(), starts.end(), static_cast<std::size_t>(first - marked.begin())) -
                starts.begin());
  const std::size_t begin = place + width / 4 * 3 < width || starts.size() <= width
                                ? 0
                                : std::min(place - std::min(place, width / 4), starts.size() - width);
  const std::size_t end = std::min(starts.size(), begin + width);
  std::vector<pb::ArticleHit::Span> spans;
  const auto add = [&](std::string_view piece, bool matched) {
    if (spans.empty() || spans.back().matched() != matched) {
      spans.emplace_back();
      spans.back().set_matched(matched);
    }
    spans.back().mutable_text()->append(piece);
  };
  if (begin > 0) add("…", false);
  for (std::size_t n = begin; n < end; ++n) {
    const auto at = starts[n];
    const auto next = n + 1 < starts.size() ? starts[n + 1] : text.size();
    add(text.substr(at, next - at), marked[at]);
  }
  if (end < starts.size()) add("…", false);
  return spans;
}

std::string Masked(std::string_view folded) {
  constexpr std::size_t kLongest = 4;  // digits that may stay: years, prices, door numbers, service numbers
  std::string out;
  for (std::size_t at = 0; at < folded.size();) {
    const auto digit = [&](std::size_t i) { return folded[i] >= '0' && folded[i] <= '9'; };
    if (digit(at)) {
      std::size_t digits = 0, end = at;
      for (std::size_t i = at; i < folded.size() && (digit(i) || folded[i] == ' ' || folded[i] == '-'); ++i) {
        if (!digit(i)) continue;
        ++digits;
        end = i + 1;
      }
      if (digits > kLongest && end < folded.size() && folded[end] == 'x') ++end;  // an identity number's last
      out += digits > kLongest ? std::string{"#"} : std::string{folded.substr(at, end - at)};
      at = end;
      continue;
    }
    out += folded[at++];
  }
  for (auto sign = out.find('@'); sign != std::string::npos; sign = out.find('@')) {
    const auto of_address = [](char c) {
      return AsciiWord(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '#';
    };
    std::size_t begin = sign, end = sign + 1;
    while (begin > 0 && of_address(out[begin - 1])) --begin;
    while (end < out.size() && of_address(out[end])) ++end;
    out.replace(begin, end - begin, "#");
  }
  return out;
}

std::string_view Tongue(std::string_view language) { return language.substr(0, language.find('-')); }

bool SameLanguage(std::string_view asked, std::string_view written) {
  const auto begins = [](std::string_view whole, std::string_view part) {
    return whole.starts_with(part) && (whole.size() == part.size() || whole[part.size()] == '-');
  };
  return begins(asked, written) || begins(written, asked);
}

}  // namespace carillon::knowledge::domain
