#include "customer/domain/segments.hpp"

#include <catch2/catch.hpp>

namespace carillon::customer::domain {
namespace {

pb::SegmentRule Rule(const std::string& code, int rank) {
  pb::SegmentRule rule;
  rule.set_name("segmentRules/" + code);
  rule.set_rank(rank);
  return rule;
}

TEST_CASE("of the rules that a customer passes the lowest rank holds in each dimension",
          "[customer][segments]") {
  std::vector<pb::SegmentRule> rules{Rule("VALUE.GOLD", 2), Rule("AGE.OVER_60", 0), Rule("VALUE.DIAMOND", 1)};
  InOrder(rules);
  REQUIRE(rules[0].name() == "segmentRules/AGE.OVER_60");
  REQUIRE(rules[1].name() == "segmentRules/VALUE.DIAMOND");
  pb::Customer before;
  before.set_etag("7");
  before.set_grade(pb::Customer::STANDARD);
  const TimePoint now{std::chrono::hours{24}};
  const auto diamond = Segmented(before, rules, {false, true, true}, now);
  REQUIRE(diamond.segments_size() == 1);
  CHECK(diamond.segments(0).value() == "DIAMOND");
  CHECK(diamond.grade() == pb::Customer::DIAMOND);
  CHECK(diamond.etag() == "8");
  CHECK(Segmented(diamond, rules, {false, true, false}, now).etag() == "8");
  SECTION("what a person made of the grade stays until the segment changes") {
    auto lowered = diamond;
    lowered.set_grade(pb::Customer::SILVER);
    CHECK(Segmented(lowered, rules, {false, true, true}, now).grade() == pb::Customer::SILVER);
    CHECK(Segmented(lowered, rules, {false, false, true}, now).grade() == pb::Customer::GOLD);
    CHECK(Segmented(lowered, rules, {false, false, false}, now).grade() == pb::Customer::STANDARD);
  }
  SECTION("a rule that is retired holds for nobody, and takes back what it gave") {
    rules[1].set_retired(true);
    const auto gold = Segmented(diamond, rules, {true, true, true}, now);
    REQUIRE(gold.segments_size() == 2);
    CHECK(gold.grade() == pb::Customer::GOLD);
    rules[2].set_retired(true);
    CHECK(Segmented(gold, rules, {true, true, true}, now).segments_size() == 1);
  }
  SECTION("a segment of no rule is somebody's word") {
    auto said = diamond;
    said.mutable_segments(0)->clear_model_version();
    CHECK(Segmented(said, rules, {false, false, false}, now).SerializeAsString() == said.SerializeAsString());
  }
}

}  // namespace
}  // namespace carillon::customer::domain
