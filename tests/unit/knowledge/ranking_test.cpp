#include "knowledge/domain/ranking.hpp"

#include <catch2/catch.hpp>

#include "text/text.hpp"

namespace carillon::knowledge::domain {
namespace {

const Corpus kCorpus{100, 50};

Candidate With(const std::string& name, std::map<std::size_t, Match> matches, int length = 50) {
  Candidate candidate;
  candidate.hit.set_article("articles/" + name);
  candidate.matches = std::move(matches);
  candidate.length = length;
  return candidate;
}
/// The names in order, of a question of one term.
std::vector<std::string> Order(std::vector<Candidate> candidates, const Scope& scope = {}) {
  std::vector<std::string> names;
  for (const auto& each : Ranked(std::move(candidates), "移机", {"移机"}, kCorpus, scope, kLeastCoverage))
    names.push_back(each.hit.article().substr(9));
  return names;
}
double Share(const std::string& question, const std::set<std::string>& known) {
  const auto terms = text::QueryTerms(question);
  std::set<std::size_t> matched;
  for (std::size_t n = 0; n < terms.size(); ++n)
    if (known.contains(terms[n])) matched.insert(n);
  return Coverage(text::Fold(question), terms, matched);
}

TEST_CASE("the title counts before the keyword, that before the summary, that before the body",
          "[knowledge][ranking]") {
  CHECK(Order({With("body", {{0, {kBody, true}}}), With("keyword", {{0, {kKeyword, true}}}),
               With("summary", {{0, {kSummary, true}}}), With("title", {{0, {kTitle, true}}}),
               With("all", {{0, {kTitle | kKeyword | kSummary | kBody, true}}})}) ==
        std::vector<std::string>{"all", "title", "keyword", "summary", "body"});
}

TEST_CASE("a rare word counts more than a common one", "[knowledge][ranking]") {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 40; ++i)
    candidates.push_back(With("common" + std::to_string(i), {{0, {kTitle, true}}}));
  candidates.push_back(With("rare", {{1, {kTitle, true}}}));
  const auto ranked = Ranked(candidates, "电话移机", {"电话", "移机"}, kCorpus, {}, 0);
  CHECK(ranked.front().hit.article() == "articles/rare");
}

TEST_CASE("use, opinion and who it is meant for break ties, a word begun counts less",
          "[knowledge][ranking]") {
  auto used = With("used", {{0, {kTitle, true}}});
  used.hit.set_use_count(50);
  auto helpful = With("helpful", {{0, {kTitle, true}}});
  helpful.helpful = 9;
  auto unhelpful = With("unhelpful", {{0, {kTitle, true}}});
  unhelpful.unhelpful = 9;
  auto begun = With("begun", {{0, {kTitle, false}}});
  CHECK(Order({begun, unhelpful, With("plain", {{0, {kTitle, true}}}), helpful, used}) ==
        std::vector<std::string>{"used", "helpful", "plain", "unhelpful", "begun"});
  auto there = With("there", {{0, {kTitle, true}}});
  there.applies_to.add_regions("44");
  CHECK(Order({With("anywhere", {{0, {kTitle, true}}}), there}, {.region = "440604"}) ==
        std::vector<std::string>{"there", "anywhere"});
  auto asked = With("z-asked", {{0, {kTitle, true}}});
  asked.title_is_question = true;
  CHECK(Order({With("a-other", {{0, {kTitle, true}}}), asked}).front() == "z-asked");
}

TEST_CASE("the order is the same whatever order candidates come in", "[knowledge][ranking]") {
  const auto a = With("a", {{0, {kTitle, true}}}), b = With("b", {{0, {kTitle, true}}});
  CHECK(Order({a, b}) == Order({b, a}));
}

TEST_CASE("an article holds in its regions and what is below them, and for whom it names",
          "[knowledge][ranking]") {
  pb::ArticleContent::AppliesTo to;
  CHECK(InScope(to, {.region = "440604", .grade = "GOLD"}));
  to.add_regions("44");
  CHECK(InScope(to, {.region = "440604"}));
  CHECK(InScope(to, {}));
  CHECK_FALSE(InScope(to, {.region = "110000"}));
  to.set_regions(0, "4406");
  CHECK_FALSE(InScope(to, {.region = "44"}));
  to.add_grades("GOLD");
  CHECK_FALSE(InScope(to, {.region = "4406", .grade = "SILVER"}));
  to.add_channels(type::v1::CHAT);
  CHECK_FALSE(InScope(to, {.channel = type::v1::VOICE}));
  CHECK(InScope(to, {.region = "440604", .grade = "GOLD", .channel = type::v1::CHAT}));
}

TEST_CASE("coverage counts characters, so that the seams between two words do not", "[knowledge][ranking]") {
  CHECK(Share("电话移机费用", {"电话", "移机", "费用"}) == Approx(1));
  CHECK(Share("企业短信组合", {"企业", "短信"}) == Approx(4.0 / 6));
  CHECK(Share("企业短信组合", {"企业", "短信"}) < kLeastCoverage);
  CHECK(Share("标准间", {"标准", "准间"}) == Approx(1));
  CHECK(Share("ADSL 故障", {"adsl", "故障"}) == Approx(1));
  CHECK(Share("moving price", {"moving"}) == Approx(6.0 / 11));
  CHECK(Share("移机，移机！", {"移机"}) == Approx(1));
  CHECK(Share("移机", {}) == Approx(0));
}

TEST_CASE("the words that ask stand in no answer", "[knowledge][ranking]") {
  CHECK(WithoutAsking("请问移机要多少钱") == "移机");
  CHECK(WithoutAsking("标准间是什么") == "标准间");
  CHECK(WithoutAsking("有线电视怎么缴费") == "有线电视 缴费");
  CHECK(WithoutAsking("how much is the relocation of a telephone") == "relocation telephone");
  CHECK(WithoutAsking("多少钱") == "多少钱");
  CHECK(WithoutAsking("how much is it") == "how much is it");
}

TEST_CASE("a snippet shows where the words stand", "[knowledge][ranking]") {
  const auto text = [](const std::vector<pb::ArticleHit::Span>& spans) {
    std::string out;
    for (const auto& span : spans) out += span.matched() ? "[" + span.text() + "]" : span.text();
    return out;
  };
  CHECK(text(Snippet("移机每部 108 元。", "正文", {"移机"}, 80)) == "[移机]每部 108 元。");
  CHECK(text(Snippet("概要", "办理ADSL移机", {"adsl", "移机"}, 80)) == "办理[ADSL移机]");
  CHECK(text(Snippet("概要", "正文", {"移机"}, 80)) == "概要");
  std::string body;
  for (int i = 0; i < 100; ++i) body += "前文";
  body += "移机";
  for (int i = 0; i < 100; ++i) body += "后文";
  const auto cut = text(Snippet("", body, {"移机"}, 20));
  CHECK(cut.starts_with("…"));
  CHECK(cut.ends_with("…"));
  CHECK(cut.find("[移机]") != std::string::npos);
  CHECK(text(Snippet("", "", {"移机"}, 20)).empty());
  CHECK(text(Snippet("a badsl adsl", "", {"adsl"}, 20)) == "a badsl [adsl]");
}

TEST_CASE("no number and no address is kept of a question", "[knowledge][ranking]") {
  CHECK(Masked("138 0013 8000 欠费") == "# 欠费");
  CHECK(Masked("身份证11010119900307451x挂失") == "身份证#挂失");
  CHECK(Masked("账单发到 li.xiuying@example.com 吗") == "账单发到 # 吗");
  CHECK(Masked("12333 社保") == "# 社保");
  CHECK(Masked("套餐 108 元 1023") == "套餐 108 元 1023");
  CHECK(Masked("移机") == "移机");
  CHECK(Masked("@") == "#");
}

TEST_CASE("zh finds zh-CN, and yue does not", "[knowledge][ranking]") {
  CHECK(SameLanguage("zh", "zh-CN"));
  CHECK(SameLanguage("zh-CN", "zh"));
  CHECK_FALSE(SameLanguage("zh-CN", "zh-TW"));
  CHECK_FALSE(SameLanguage("zh", "zhx"));
  CHECK_FALSE(SameLanguage("yue", "zh"));
}

}  // namespace
}  // namespace carillon::knowledge::domain
