#include "text/text.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

namespace carillon::text {
namespace {

/// What the term table does: every query term begins some stored term.
bool Finds(std::string_view query, std::string_view name) {
  const auto stored = Terms(name);
  const auto wanted = QueryTerms(query);
  return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](const std::string& q) {
    const std::string end = PrefixEnd(q);
    return std::any_of(stored.begin(), stored.end(), [&](const std::string& t) { return t >= q && t < end; });
  });
}

TEST_CASE("full-width letters, case and odd spaces fold to one form", "[text]") {
  CHECK(Fold("ＡＢＣ　 Ltd\t") == "abc ltd");
  CHECK(Fold("Straße") == "strasse");
  CHECK(Fold("") == "");
  CHECK(Fold("Ⅷ①") == "viii1");
}

TEST_CASE("Chinese reads as pinyin without tones", "[text]") {
  CHECK(Pinyin("李秀英") == "li xiu ying");
  CHECK(Pinyin("佛山陶瓷ABC公司") == "fu shan tao ci abc gong si");
  CHECK(Initials("李秀英") == "lxy");
  CHECK(Initials("China 移动") == "cyd");
  CHECK(Pinyin("Tom Ford") == "tom ford");
}

TEST_CASE("a name is found by characters, pinyin from any syllable, and initials", "[text]") {
  const std::string name = "李秀英";
  for (const char* query : {"李", "秀", "英", "李秀", "秀英", "李秀英", "lixiuying", "li", "lixiu", "xiuying",
                            "lxy", "xy", "Li Ying"}) {
    INFO(query);
    CHECK(Finds(query, name));
  }
  for (const char* query : {"李英", "王", "lyx", "wang", "英秀", "李秀英子"}) {
    INFO(query);
    CHECK_FALSE(Finds(query, name));
  }
  CHECK(Finds("smith jo", "John Smith"));
  CHECK_FALSE(Finds("smit joe", "John Smith"));
  CHECK(Finds("陶瓷进出口", "佛山陶瓷进出口有限公司"));
}

TEST_CASE("a query without letters finds nothing rather than everything", "[text]") {
  CHECK(QueryTerms("  -!% ").empty());
  CHECK(QueryTerms("").empty());
}

TEST_CASE("terms are distinct, sorted and bounded", "[text]") {
  std::string long_name;
  for (int i = 0; i < 200; ++i) long_name += "李秀英王建国";
  const auto terms = Terms(long_name);
  CHECK(terms.size() <= kMaxTerms);
  CHECK(std::is_sorted(terms.begin(), terms.end()));
  CHECK(std::adjacent_find(terms.begin(), terms.end()) == terms.end());
}

TEST_CASE("broken UTF-8 neither throws nor hides the rest", "[text]") {
  CHECK(Finds("abc", "\xFF\xFE abc \xC3"));
  CHECK(Length("李秀英a") == 4);
  CHECK(Head("李秀英", 1) == "李");
  CHECK(Head("ab", 5) == "ab");
}

TEST_CASE("many threads may ask at once", "[text]") {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      for (int i = 0; i < 500; ++i) wrong[t] += Pinyin("王建国") == "wang jian guo" ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

}  // namespace
}  // namespace carillon::text
