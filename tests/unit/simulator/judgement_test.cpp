#include "simulator/domain/judgement.hpp"

#include <catch2/catch.hpp>
#include <map>

namespace carillon::simulator {
namespace {

TEST_CASE("an evaluator answers every item once, mostly well, and seldom hits a veto",
          "[simulator][judgement]") {
  const std::vector<SheetItem> items = {{"A1", false, ""}, {"A2", true, ""}, {"D4", true, "MINOR"}};
  const std::vector<std::string> vetoes = {"V1", "V2"};
  std::map<std::string, int> levels;
  int vetoed = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto judged = Judged(items, vetoes, Random(3), "agent01", std::to_string(i));
    REQUIRE(judged.answers.size() == 3);
    CHECK(judged.answers[0].first == "A1");
    CHECK(judged.answers[0].second != "NOT_APPLICABLE");
    CHECK(judged.answers[2].second == "MINOR");
    ++levels[judged.answers[1].second];
    vetoed += static_cast<int>(judged.vetoes.size());
    CHECK(judged.vetoes.size() <= 1);
  }
  CHECK(levels.size() == 5);
  CHECK(levels["FULL"] > 1200);
  CHECK(vetoed > 10);
  CHECK(vetoed < 60);

  const auto one = Judged(items, vetoes, Random(3), "agent01", "7");
  CHECK(one.answers == Judged(items, vetoes, Random(3), "agent01", "7").answers);
}

TEST_CASE("a sheet on which nothing need apply has an answer all the same", "[simulator][judgement]") {
  for (int i = 0; i < 500; ++i) {
    const auto judged = Judged({{"A1", true, ""}}, {}, Random(3), "agent01", std::to_string(i));
    CHECK(judged.answers.front().second != "NOT_APPLICABLE");
    CHECK(judged.vetoes.empty());
  }
}

}  // namespace
}  // namespace carillon::simulator
