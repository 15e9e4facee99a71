#include "customer/domain/matching.hpp"

#include <catch2/catch.hpp>

namespace carillon::customer::domain {
namespace {

Facets Person(const std::string& name, const std::string& reading, const std::string& number,
              const std::string& phone) {
  Facets out;
  out.values[pb::MatchCondition::NAME] = {FormOf(Kind::kName, name, reading)};
  if (!number.empty()) {
    out.values[pb::MatchCondition::IDENTIFIER] = {FormOf(Kind::kCode, "RESIDENT_ID" + number, "")};
    out.residents = {number};
  }
  if (!phone.empty()) out.values[pb::MatchCondition::PHONE] = {FormOf(Kind::kPhone, phone, "")};
  return out;
}

TEST_CASE("a document with the name merges alone, with another name a clerk is asked",
          "[customer][matching]") {
  const auto policy = OwnPolicy();
  REQUIRE(RequirePolicy(policy));
  const auto li = Person("李秀英", "li xiu ying", "110101198503074524", "");
  auto found = Matched(policy, li, Person("li xiuying", "", "110101198503074524", ""));
  CHECK(found.level() == 1);
  CHECK(MergesAlone(policy, found));
  found = Matched(policy, li, Person("王建国", "wang jian guo", "110101198503074524", ""));
  CHECK(found.level() == 4);
  CHECK_FALSE(MergesAlone(policy, found));
  CHECK(NeedsClerk(policy, found));
  CHECK(Matched(policy, li, Person("王建国", "wang jian guo", "", "")).level() == 0);
}

TEST_CASE("two good documents that differ never merge alone", "[customer][matching]") {
  auto policy = OwnPolicy();
  policy.set_merge_up_to(8);
  const auto found = Matched(policy, Person("王芳", "wang fang", "11010519491231002X", "+8613800138000"),
                             Person("王芳", "wang fang", "440524188001010014", "+8613800138000"));
  CHECK(found.level() == 5);
  CHECK(found.conflict());
  CHECK_FALSE(MergesAlone(policy, found));
  CHECK(NeedsClerk(policy, found));
}

TEST_CASE("levels that there are not are refused", "[customer][matching]") {
  auto policy = OwnPolicy();
  policy.set_merge_up_to(9);
  policy.set_review_up_to(2);
  CHECK(RequirePolicy(policy).error().violations.size() == 2);
  policy.set_review_up_to(12);
  CHECK(RequirePolicy(policy).error().reason == "POLICY_INVALID");
}

/// Forty pairs of one in 300 records: they agree in name, mostly in phone; strangers in next to nothing.
PairTally ATally() {
  const auto pattern = [](pb::Agreement name, pb::Agreement phone, pb::Agreement birth) {
    pb::MatchCandidate candidate;
    for (const auto& [attribute, agreement] : {std::pair(pb::MatchCondition::NAME, name),
                                               {pb::MatchCondition::PHONE, phone},
                                               {pb::MatchCondition::BIRTH_DATE, birth}}) {
      auto& evidence = *candidate.add_evidence();
      evidence.set_attribute(attribute);
      evidence.set_agreement(agreement);
    }
    return PatternOf(candidate);
  };
  PairTally tally;
  tally.records[""] = 300;
  tally.alike[pattern(pb::EXACT, pb::EXACT, pb::EXACT)] = 32;
  tally.alike[pattern(pb::EXACT, pb::DIFFERENT, pb::EXACT)] = 8;
  tally.alike[pattern(pb::EXACT, pb::DIFFERENT, pb::DIFFERENT)] = 60;
  tally.alike[pattern(pb::DIFFERENT, pb::EXACT, pb::DIFFERENT)] = 30;
  tally.strangers[pattern(pb::DIFFERENT, pb::DIFFERENT, pb::DIFFERENT)] = 2990;
  tally.strangers[pattern(pb::DIFFERENT, pb::DIFFERENT, pb::EXACT)] = 10;
  return tally;
}

TEST_CASE("learnt weights add up to a probability by which a pair merges or is asked about",
          "[customer][matching]") {
  const auto weights = LearntWeights(ATally());
  REQUIRE(weights.records() == 300);
  CHECK(weights.pairs() == 3130);
  auto policy = OwnPolicy();
  const auto judged = [&](const std::string& name, const std::string& phone, double share) {
    auto candidate =
        Matched(policy, Person("李秀英", "li xiu ying", "", "+8613800138000"), Person(name, "", "", phone));
    Weigh(weights, share, candidate);
    return candidate;
  };
  const auto same = judged("李秀英", "+8613800138000", 0), other = judged("赵敏", "+8613900139000", 0);
  CHECK(same.evidence(0).weight() > 0);
  CHECK(same.evidence(1).weight() > 0);
  CHECK(other.evidence(0).weight() < 0);
  CHECK(same.probability() > other.probability());
  CHECK(other.probability() < 0.5);
  // A name few have says more than one that many have.
  CHECK(judged("李秀英", "+8613900139000", 1.0 / 300).weight() >
        judged("李秀英", "+8613900139000", 0.2).weight());

  auto candidate = same;
  candidate.set_level(0);
  candidate.set_probability(0.95);
  CHECK(NeedsClerk(policy, candidate));
  CHECK_FALSE(MergesAlone(policy, candidate));
  policy.set_merge_probability(0.94);
  CHECK(MergesAlone(policy, candidate));
  CHECK_FALSE(NeedsClerk(policy, candidate));
  candidate.set_conflict(true);
  CHECK_FALSE(MergesAlone(policy, candidate));
  CHECK(NeedsClerk(policy, candidate));
  CHECK(RequirePolicy(policy));
  policy.set_merge_probability(0.8);
  CHECK(RequirePolicy(policy).error().reason == "POLICY_INVALID");
}

TEST_CASE("too few records teach nothing", "[customer][matching]") {
  auto tally = ATally();
  tally.records[""] = 199;
  CHECK(LearntWeights(tally).records() == 0);
  auto candidate = pb::MatchCandidate();
  Weigh(pb::MatchWeights(), 0, candidate);
  CHECK(candidate.probability() == 0);
}

}  // namespace
}  // namespace carillon::customer::domain
