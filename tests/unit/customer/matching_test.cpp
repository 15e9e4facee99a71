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

}  // namespace
}  // namespace carillon::customer::domain
