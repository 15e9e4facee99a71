#include "qa/domain/score.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "qa/domain/scorecard.hpp"

namespace carillon::qa::domain {
namespace {

using namespace std::chrono_literals;

const std::string kAgent = "0198aaaa-0000-7000-8000-000000001023";
const std::string kEvaluator = "users/0198aaaa-0000-7000-8000-00000000000e";
const TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 6h};

pb::ScorecardContent Sheet(const std::string& code) {
  const std::map<std::string, pb::Scorecard::Kind> kinds{
      {"csr", pb::Scorecard::CSR}, {"tsr", pb::Scorecard::TSR}, {"complaint", pb::Scorecard::COMPLAINT}};
  return Template(code, kinds.at(code)).value();
}

pb::Evaluation DrawnOne() {
  pb::Evaluation evaluation;
  evaluation.set_name("evaluations/0198aaaa-0000-7000-8000-0000000000e1");
  evaluation.set_agent("agents/" + kAgent);
  evaluation.set_state(pb::Evaluation::DRAWN);
  return evaluation;
}

/// FULL for every item but those named.
Judgement AllFullBut(const pb::ScorecardContent& content,
                     const std::map<std::string, pb::Evaluation::Level>& levels) {
  Judgement judgement;
  for (const auto& section : content.sections()) {
    for (const auto& item : section.items()) {
      auto& answer = *judgement.answers.Add();
      answer.set_item(item.code());
      const auto level = levels.find(item.code());
      answer.set_level(level == levels.end() ? pb::Evaluation::FULL : level->second);
    }
  }
  return judgement;
}

pb::Evaluation Judged(const pb::ScorecardContent& content, const Judgement& judgement) {
  return Scored(DrawnOne(), content, judgement, {kEvaluator, kNow}).value();
}

std::vector<std::string> WrongFields(const Result<pb::Evaluation>& refused) {
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "ANSWERS_INVALID");
  std::vector<std::string> fields;
  for (const auto& violation : refused.error().violations) fields.push_back(violation.field);
  return fields;
}

TEST_CASE("a hold of 22 s takes two points of D4 and the call of A2 comes to 91", "[qa][score]") {
  CHECK(HoldHint(22s) == pb::Evaluation::MINOR);
  const auto sheet = Sheet("csr");
  // 22 s hold: D4 −2; by hand further A2 −3, B4 −2, C5 −2: 100 − 9.
  const auto judged = Judged(sheet, AllFullBut(sheet, {{"D4", HoldHint(22s)},
                                                       {"A2", pb::Evaluation::MINOR},
                                                       {"B4", pb::Evaluation::MINOR},
                                                       {"C5", pb::Evaluation::MINOR}}));
  CHECK(judged.total() == 9100);
  CHECK(judged.grade() == pb::Evaluation::GOOD);
  CHECK(judged.passed());
  CHECK(judged.state() == pb::Evaluation::SCORED);
  CHECK(judged.evaluator() == kEvaluator);
  // Section D: 23 of 25.
  CHECK(judged.section_scores(3).section() == "D");
  CHECK(judged.section_scores(3).score() == 9200);
}

TEST_CASE("a hold is hinted at over 15 s and gravely over 60 s", "[qa][score]") {
  CHECK(HoldHint(15s) == pb::Evaluation::LEVEL_UNSPECIFIED);
  CHECK(HoldHint(15s + 1us) == pb::Evaluation::MINOR);
  CHECK(HoldHint(60s) == pb::Evaluation::MINOR);
  CHECK(HoldHint(60s + 1us) == pb::Evaluation::MAJOR);
}

TEST_CASE("a taboo phrase takes all of B2, a serious one all of the call (A3)", "[qa][score]") {
  const auto sheet = Sheet("csr");
  auto judgement = AllFullBut(sheet, {{"B2", pb::Evaluation::ZERO}});
  CHECK(Judged(sheet, judgement).total() == 9300);
  *judgement.vetoes.Add() = "V7";
  const auto vetoed = Judged(sheet, judgement);
  CHECK(vetoed.total() == 0);
  CHECK(vetoed.has_total());
  CHECK(vetoed.grade() == pb::Evaluation::FAIL);
  CHECK_FALSE(vetoed.passed());
  CHECK(vetoed.section_scores(0).score() == 10000);
  CHECK(HasNewVeto(DrawnOne(), vetoed));
  CHECK_FALSE(HasNewVeto(vetoed, vetoed));
  CHECK_FALSE(HasNewVeto(vetoed, DrawnOne()));
}

TEST_CASE("a complaint without alternatives loses 20 and is passed with coaching (A6)", "[qa][score]") {
  const auto sheet = Sheet("complaint");
  const auto judged = Judged(sheet, AllFullBut(sheet, {{"S5", pb::Evaluation::ZERO}}));
  CHECK(judged.total() == 8000);
  CHECK(judged.grade() == pb::Evaluation::PASS_WITH_COACHING);
  CHECK_FALSE(judged.passed());
}

TEST_CASE("an item that does not apply counts on neither side", "[qa][score]") {
  const auto sheet = Sheet("csr");
  // D2 (5) out: 92 of 95 with D1 half.
  const auto judged = Judged(
      sheet, AllFullBut(sheet, {{"D2", pb::Evaluation::NOT_APPLICABLE}, {"D1", pb::Evaluation::MINOR}}));
  CHECK(judged.total() == 9579);  // 91 ÷ 95 = 95.789…
  CHECK(judged.grade() == pb::Evaluation::EXCELLENT);
}

TEST_CASE("critical items that were missed are told apart from the total", "[qa][score]") {
  const auto sheet = Sheet("csr");
  const auto judged =
      Judged(sheet, AllFullBut(sheet, {{"D1", pb::Evaluation::ZERO}, {"D5", pb::Evaluation::MAJOR}}));
  CHECK(std::vector<std::string>(judged.critical_errors().begin(), judged.critical_errors().end()) ==
        std::vector<std::string>{"D1"});
  CHECK(judged.total() == 9050);  // 100 − 8 − 1.5
}

TEST_CASE("a bonus adds to what is earned and never above 100", "[qa][score]") {
  auto sheet = Sheet("complaint");
  auto& bonus = *sheet.mutable_sections(2)->add_items();
  bonus.set_code("S8");
  bonus.set_weight(5);
  bonus.set_bonus(true);
  CHECK(WeightOf(sheet) == 100);
  CHECK(Judged(sheet, AllFullBut(sheet, {})).total() == 10000);
  CHECK(Judged(sheet, AllFullBut(sheet, {{"S5", pb::Evaluation::ZERO}})).total() == 8500);
  CHECK(Judged(sheet, AllFullBut(sheet, {{"S5", pb::Evaluation::ZERO}, {"S8", pb::Evaluation::ZERO}}))
            .total() == 8000);
}

TEST_CASE("grades begin at 95, 85 and 75", "[qa][score]") {
  pb::ScorecardContent sheet;
  for (const int weight : {75, 10, 10, 4, 1}) {
    auto& section = *sheet.add_sections();
    section.set_code("S" + std::to_string(sheet.sections_size()));
    auto& item = *section.add_items();
    item.set_code("I" + std::to_string(sheet.sections_size()));
    item.set_weight(weight);
  }
  sheet = Checked(sheet).value();
  const auto grade = [&](std::set<std::string> missed) {
    std::map<std::string, pb::Evaluation::Level> levels;
    for (const auto& item : missed) levels[item] = pb::Evaluation::ZERO;
    return Judged(sheet, AllFullBut(sheet, levels)).grade();
  };
  CHECK(grade({"I4", "I5"}) == pb::Evaluation::EXCELLENT);                       // 95
  CHECK(grade({"I3"}) == pb::Evaluation::GOOD);                                  // 90
  CHECK(grade({"I3", "I4", "I5"}) == pb::Evaluation::GOOD);                      // 85
  CHECK(grade({"I2", "I3"}) == pb::Evaluation::PASS_WITH_COACHING);              // 80
  CHECK(grade({"I2", "I3", "I4", "I5"}) == pb::Evaluation::PASS_WITH_COACHING);  // 75
  CHECK(grade({"I1"}) == pb::Evaluation::FAIL);                                  // 25
}

TEST_CASE("every item is answered once, as it may be", "[qa][score]") {
  const auto sheet = Sheet("csr");
  const auto refused = [&](const Judgement& judgement) {
    return WrongFields(Scored(DrawnOne(), sheet, judgement, {kEvaluator, kNow}));
  };
  auto missing = AllFullBut(sheet, {});
  missing.answers.RemoveLast();
  CHECK(refused(missing) == std::vector<std::string>{"answers"});
  auto twice = AllFullBut(sheet, {});
  *twice.answers.Add() = twice.answers[0];
  CHECK(refused(twice) == std::vector<std::string>{"answers[20].item"});
  auto unknown = AllFullBut(sheet, {});
  unknown.answers[0].set_item("Z1");
  CHECK(refused(unknown) == std::vector<std::string>{"answers[0].item", "answers"});
  CHECK(refused(AllFullBut(sheet, {{"A2", pb::Evaluation::NOT_APPLICABLE}})) ==
        std::vector<std::string>{"answers[1].level"});
  auto veto = AllFullBut(sheet, {});
  *veto.vetoes.Add() = "V1";
  *veto.vetoes.Add() = "V1";
  *veto.vetoes.Add() = "A1";
  CHECK(refused(veto) == std::vector<std::string>{"vetoes[1]", "vetoes[2]"});
}

TEST_CASE("a sheet of which nothing applies gives no total", "[qa][score]") {
  pb::ScorecardContent sheet;
  auto& item = *sheet.add_sections()->add_items();
  item.set_code("X");
  item.set_weight(100);
  item.set_not_applicable_allowed(true);
  CHECK(WrongFields(Scored(DrawnOne(), sheet, AllFullBut(sheet, {{"X", pb::Evaluation::NOT_APPLICABLE}}),
                           {kEvaluator, kNow})) == std::vector<std::string>{"answers"});
}

TEST_CASE("nobody judges the own call, and only the agent acknowledges", "[qa][score]") {
  const auto sheet = Sheet("tsr");
  const auto own = Scored(DrawnOne(), sheet, AllFullBut(sheet, {}), {"users/" + kAgent, kNow});
  REQUIRE_FALSE(own);
  CHECK(own.error().reason == "EVALUATOR_IS_AGENT");
  const auto scored = Judged(sheet, AllFullBut(sheet, {}));
  CHECK(Acknowledged(scored, "", {"users/" + kAgent, kNow}).error().reason == "EVALUATION_STATE");
  const auto published = Published(scored, kNow).value();
  CHECK(Acknowledged(published, "", {kEvaluator, kNow}).error().reason == "EVALUATION_NOT_YOURS");
  const auto seen = Acknowledged(published, "知道了", {"users/" + kAgent, kNow}).value();
  CHECK(seen.state() == pb::Evaluation::ACKNOWLEDGED);
  CHECK(seen.agent_comment() == "知道了");
}

TEST_CASE("the life of a judgement goes one way", "[qa][score]") {
  const auto sheet = Sheet("tsr");
  const auto judgement = AllFullBut(sheet, {});
  for (const auto state : {pb::Evaluation::DRAWN, pb::Evaluation::SCORED, pb::Evaluation::PUBLISHED,
                           pb::Evaluation::ACKNOWLEDGED, pb::Evaluation::CLOSED}) {
    auto at = DrawnOne();
    at.set_state(state);
    CAPTURE(state);
    CHECK(Scored(at, sheet, judgement, {kEvaluator, kNow}).has_value() ==
          (state == pb::Evaluation::DRAWN || state == pb::Evaluation::SCORED));
    CHECK(Published(at, kNow).has_value() == (state == pb::Evaluation::SCORED));
    CHECK(Acknowledged(at, "", {"users/" + kAgent, kNow}).has_value() ==
          (state == pb::Evaluation::PUBLISHED));
  }
}

/// A fraction in lowest terms.
struct Rational {
  __int128 over = 0, under = 1;
  Rational Plus(const Rational& other) const {
    Rational sum{over * other.under + other.over * under, under * other.under};
    __int128 a = sum.over < 0 ? -sum.over : sum.over, b = sum.under;
    while (b != 0) std::swap(a %= b, b);
    return {sum.over / a, sum.under / a};
  }
};

TEST_CASE("totals equal those of exact fractions, over many sheets and answers", "[qa][score]") {
  std::mt19937 random(82);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  int judged_sheets = 0;
  for (int round = 0; round < 3000; ++round) {
    pb::ScorecardContent sheet;
    const int sections = 1 + below(4);
    for (int s = 0; s < sections; ++s) {
      auto& section = *sheet.add_sections();
      section.set_code("S" + std::to_string(s));
      const int items = 1 + below(5);
      for (int i = 0; i < items; ++i) {
        auto& item = *section.add_items();
        item.set_code("I" + std::to_string(s) + "_" + std::to_string(i));
        item.set_weight(1 + below(30));
        item.set_not_applicable_allowed(true);
        item.set_bonus(below(8) == 0);
      }
    }
    sheet.set_minor_percent(below(101));
    sheet.set_major_percent(below(sheet.minor_percent() + 1));
    Judgement judgement;
    std::map<std::string, pb::Evaluation::Level> levels;
    for (const auto& section : sheet.sections()) {
      for (const auto& item : section.items())
        levels[item.code()] = static_cast<pb::Evaluation::Level>(1 + below(5));
    }
    judgement = AllFullBut(sheet, levels);
    // By hand: each item's share of its weight, summed as fractions.
    Rational earned, possible;
    for (const auto& section : sheet.sections()) {
      for (const auto& item : section.items()) {
        const auto level = levels.at(item.code());
        if (level == pb::Evaluation::NOT_APPLICABLE) continue;
        const int percent = level == pb::Evaluation::FULL    ? 100
                            : level == pb::Evaluation::MINOR ? sheet.minor_percent()
                            : level == pb::Evaluation::MAJOR ? sheet.major_percent()
                                                             : 0;
        if (percent * item.weight() > 0)
          earned = earned.Plus({static_cast<__int128>(item.weight()) * percent, 100});
        if (!item.bonus()) possible = possible.Plus({item.weight(), 1});
      }
    }
    const auto scored = Scored(DrawnOne(), sheet, judgement, {kEvaluator, kNow});
    if (possible.over == 0) {
      CHECK_FALSE(scored);
      continue;
    }
    // earned ÷ possible × 10,000, cut at 10,000; the total is within half of it, and above the lower half.
    __int128 over = earned.over * possible.under * 10'000;
    const __int128 under = earned.under * possible.over;
    over = std::min(over, under * 10'000);
    const __int128 total = scored->total();
    const bool nearest = 2 * over < (2 * total + 1) * under && 2 * over >= (2 * total - 1) * under;
    CAPTURE(round, scored->total());
    CHECK(nearest);
    ++judged_sheets;
  }
  CHECK(judged_sheets > 2500);
}

}  // namespace
}  // namespace carillon::qa::domain
