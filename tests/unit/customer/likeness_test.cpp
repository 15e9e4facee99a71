#include "customer/domain/likeness.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "customer/api/link_values.hpp"

namespace carillon::customer::domain {
namespace {

Level Likeness(Kind kind, std::string_view a, std::string_view b) {
  const auto left = api::LinkValue(kind, a), right = api::LinkValue(kind, b);
  const Level level =
      Compared(kind, FormOf(kind, left.folded, left.reading), FormOf(kind, right.folded, right.reading));
  CHECK(level ==
        Compared(kind, FormOf(kind, right.folded, right.reading), FormOf(kind, left.folded, left.reading)));
  return level;
}

TEST_CASE("names are one name in characters, in pinyin, in the other order, as a pet name",
          "[customer][linkage]") {
  CHECK(Likeness(Kind::kName, "李秀英", "李秀英 ") == Level::kExact);
  CHECK(Likeness(Kind::kName, "李秀英", "Li Xiuying") == Level::kSame);
  CHECK(Likeness(Kind::kName, "王芳", "Fang Wang") == Level::kSame);
  CHECK(Likeness(Kind::kName, "王伟", "王玮") == Level::kSame);
  CHECK(Likeness(Kind::kName, "张志强", "章志强") == Level::kSame);
  CHECK(Likeness(Kind::kName, "陈欣", "陈星") == Level::kNear);  // -n and -ng
  CHECK(Likeness(Kind::kName, "Robert", "bob") == Level::kSame);
  CHECK(Likeness(Kind::kName, "John Smith", "J. Smith") == Level::kNear);
  CHECK(Likeness(Kind::kName, "maddison", "maddisvn") == Level::kNear);
  CHECK(Likeness(Kind::kName, "Alexander", "Alex") == Level::kSimilar);
}

TEST_CASE("another given name is another person, of the same family or not", "[customer][linkage]") {
  CHECK(Likeness(Kind::kName, "王芳", "王静") == Level::kDifferent);
  CHECK(Likeness(Kind::kName, "王建国", "王建华") == Level::kSimilar);
  CHECK(Likeness(Kind::kName, "王芳", "李芳") == Level::kDifferent);
  CHECK(Likeness(Kind::kName, "jessica", "matthew") == Level::kDifferent);
}

TEST_CASE("a company is the same with and without its legal form", "[customer][linkage]") {
  CHECK(Likeness(Kind::kCompany, "佛山陶瓷进出口有限公司", "佛山陶瓷进出口") == Level::kExact);
  CHECK(Likeness(Kind::kCompany, "佛山陶瓷进出口有限责任公司", "佛山陶瓷进出口股份有限公司") ==
        Level::kExact);
  CHECK(Likeness(Kind::kCompany, "Acme Trading Co., Ltd.", "ACME trading limited") != Level::kDifferent);
  CHECK(Likeness(Kind::kCompany, "佛山陶瓷进出口有限公司", "深圳华强电子有限公司") == Level::kDifferent);
  CHECK(CompanyCore("有限公司") == "有限公司");
}

TEST_CASE("a resident number is one in 15 and in 18 digits, and two good ones are two people",
          "[customer][linkage]") {
  CHECK(Likeness(Kind::kIdentity, "110105491231002", "11010519491231002x") == Level::kExact);
  CHECK(Likeness(Kind::kIdentity, "11010519491231002X", "11010519491231020X") == Level::kNear);
  CHECK(Likeness(Kind::kIdentity, "11010519491231002X", "440524188001010014") == Level::kDifferent);
  CHECK(ResidentConflict("11010519491231002X", "440524188001010014"));
  CHECK_FALSE(ResidentConflict("11010519491231002X", "11010519491231020X"));  // the second is a slip
}

TEST_CASE("dates forgive a slip and day for month, phones the way they are written", "[customer][linkage]") {
  CHECK(Likeness(Kind::kDate, "1985-03-07", "19850307") == Level::kExact);
  CHECK(Likeness(Kind::kDate, "19850307", "19850703") == Level::kSame);
  CHECK(Likeness(Kind::kDate, "19850307", "19850308") == Level::kNear);
  CHECK(Likeness(Kind::kDate, "19850307", "19850000") == Level::kSimilar);
  CHECK(Likeness(Kind::kDate, "19850307", "19621124") == Level::kDifferent);
  CHECK(Likeness(Kind::kPhone, "138-0013-8000", "0086 13800138000") == Level::kExact);
  CHECK(Likeness(Kind::kPhone, "13800138000", "13800130800") == Level::kNear);
}

TEST_CASE("an address is known without its spaces and with its words in another order",
          "[customer][linkage]") {
  CHECK(Likeness(Kind::kText, "pridham street", "pridhamstreet") == Level::kExact);
  CHECK(Likeness(Kind::kText, "garden cypress", "cypress garden") == Level::kSame);
  CHECK(Likeness(Kind::kText, "广东省佛山市禅城区祖庙路12号", "佛山市禅城区祖庙路12号") != Level::kDifferent);
  CHECK(Likeness(Kind::kText, "北京市朝阳区建国路88号", "上海市徐汇区中山路3号") == Level::kDifferent);
}

/// By the recurrence as the books have it.
int SlowEdits(const std::u32string& a, const std::u32string& b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

TEST_CASE("edits are counted as the books count them, in any script and of any length",
          "[customer][linkage]") {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    const char32_t first = round % 3 == 0 ? U'一' : U'a';
    std::u32string a, b;
    for (std::size_t i = 0; i < 1 + random() % (round % 50 == 0 ? 90 : 12); ++i) a += first + random() % 4;
    for (std::size_t i = 0; i < 1 + random() % (round % 50 == 0 ? 90 : 12); ++i) b += first + random() % 4;
    const int right = SlowEdits(a, b);
    REQUIRE(Edits(a, b, 1000) == right);
    REQUIRE(Edits(b, a, 3) == std::min(right, 4));
  }
}

}  // namespace
}  // namespace carillon::customer::domain
