#include "customer/domain/quality.hpp"

#include <catch2/catch.hpp>

#include "base/proto_time.hpp"
#include "sample.hpp"

namespace carillon::customer::domain {
namespace {

using Rule = pb::QualityRule;
using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h;

pb::QualityRule RuleOf(const std::string& code) {
  for (auto& rule : OwnRules()) {
    if (rule.name() == "qualityRules/" + code) return rule;
  }
  FAIL("no rule " + code);
  return {};
}

Verdict By(const std::string& code, const pb::Customer& customer, const std::set<std::string>& shared = {},
           const std::vector<pb::RawRecord>& records = {}, TimePoint said_at = kNow) {
  return Judge(RuleOf(code), {customer, said_at, shared, records}, kNow);
}

pb::Customer Li() {
  pb::Customer customer;
  auto& person = *customer.mutable_person();
  person.set_full_name("李秀英");
  person.set_gender(pb::Person::FEMALE);
  person.mutable_birth_date()->set_year(1985);
  person.mutable_birth_date()->set_month(3);
  person.mutable_birth_date()->set_day(7);
  auto& identifier = *customer.add_identifiers();
  identifier.set_type(pb::Identifier::RESIDENT_ID);
  identifier.set_number("110101198503074524");
  auto& mobile = *customer.add_contacts();
  mobile.set_type(pb::ContactMedium::MOBILE);
  mobile.set_number("+8613800138000");
  return customer;
}

TEST_CASE("a rule judges what is there, and is silent where it has nothing to look at",
          "[customer][quality]") {
  const auto li = Li();
  CHECK(By("PHONE_PRESENT", li) == Verdict::kPassed);
  CHECK(By("ADDRESS_PRESENT", li) == Verdict::kFailed);
  CHECK(By("NAME_PLAUSIBLE", li) == Verdict::kPassed);
  CHECK(By("EMAIL_WELL_FORMED", li) == Verdict::kNotAsked);
  CHECK(By("BIRTH_DATE_POSSIBLE", li) == Verdict::kPassed);
  CHECK(By("BIRTH_DATE_AGREES", li) == Verdict::kPassed);
  CHECK(By("GENDER_AGREES", li) == Verdict::kPassed);
  CHECK(By("MOBILE_UNIQUE", li) == Verdict::kPassed);
  CHECK(By("MOBILE_UNIQUE", li, {"+8613800138000"}) == Verdict::kFailed);
  CHECK(By("MOBILE_VERIFIED", li) == Verdict::kFailed);
  CHECK(By("RECORD_FRESH", li, {}, {}, kNow - 729 * 24h) == Verdict::kPassed);
  CHECK(By("RECORD_FRESH", li, {}, {}, kNow - 731 * 24h) == Verdict::kFailed);
  CHECK(By("NAME_CONFIRMED", li) == Verdict::kNotAsked);

  auto bad = li;
  bad.mutable_person()->set_full_name("测试用户");
  bad.mutable_person()->set_gender(pb::Person::MALE);
  bad.mutable_person()->mutable_birth_date()->set_day(8);
  bad.mutable_contacts(0)->set_number("+8610012345678");
  *bad.mutable_contacts(0)->mutable_verify_time() = ToProto(kNow - 24h);
  CHECK(By("NAME_PLAUSIBLE", bad) == Verdict::kFailed);
  CHECK(By("GENDER_AGREES", bad) == Verdict::kFailed);
  CHECK(By("BIRTH_DATE_AGREES", bad) == Verdict::kFailed);
  CHECK(By("MOBILE_WELL_FORMED", bad) == Verdict::kFailed);
  CHECK(By("MOBILE_VERIFIED", bad) == Verdict::kPassed);
  bad.mutable_person()->mutable_birth_date()->set_year(1885);
  CHECK(By("BIRTH_DATE_POSSIBLE", bad) == Verdict::kFailed);
  pb::Customer company;
  company.mutable_organisation()->set_full_name("佛山陶瓷进出口有限公司");
  CHECK(By("BIRTH_DATE_PRESENT", company) == Verdict::kNotAsked);
}

TEST_CASE("two sources that say another name fail, one source alone confirms nothing",
          "[customer][quality]") {
  std::vector<pb::RawRecord> records(2);
  records[0].set_system("edw");
  *records[0].mutable_values() = Li();
  CHECK(By("NAME_CONFIRMED", Li(), {}, {records[0]}) == Verdict::kNotAsked);
  records[1] = records[0];
  CHECK(By("NAME_CONFIRMED", Li(), {}, records) == Verdict::kNotAsked);  // the same source twice
  records[1].set_system("web");
  CHECK(By("NAME_CONFIRMED", Li(), {}, records) == Verdict::kPassed);
  records[1].mutable_values()->mutable_person()->set_full_name("李秀瑛");
  CHECK(By("NAME_CONFIRMED", Li(), {}, records) == Verdict::kFailed);
}

TEST_CASE("every dimension has rules, all of which can be kept; a test that does not fit is refused",
          "[customer][quality]") {
  std::set<int> dimensions;
  for (const auto& rule : OwnRules()) {
    INFO(rule.name());
    CHECK(RequireRule(rule));
    dimensions.insert(rule.dimension());
  }
  CHECK(dimensions.size() == 6);
  auto rule = RuleOf("MOBILE_UNIQUE");
  rule.set_attribute(Rule::FULL_NAME);
  CHECK(RequireRule(rule).error().reason == "RULE_INVALID");
  rule = RuleOf("RECORD_FRESH");
  rule.set_max_age_days(0);
  CHECK(RequireRule(rule).error().reason == "RULE_INVALID");
  rule = RuleOf("PHONE_PRESENT");
  rule.set_attribute(Rule::CUSTOM_FIELD);
  CHECK(RequireRule(rule).error().reason == "RULE_INVALID");
  rule.set_custom_field("member_no");
  CHECK(RequireRule(rule));
  rule.set_retired(true);
  rule.set_name("qualityRules/PHONE_PRESENT");
  CHECK(RulesOf({rule}, true).size() == OwnRules().size());
  CHECK(RulesOf({rule}, false).size() == OwnRules().size() - 1);
}

TEST_CASE("a dimension's score is the mean of its rules by weight", "[customer][quality]") {
  auto heavy = RuleOf("PHONE_PRESENT"), light = RuleOf("ADDRESS_PRESENT");
  heavy.set_weight(3);
  const Tally tally{{{"", "PHONE_PRESENT"}, {10, 10}},
                    {{"", "ADDRESS_PRESENT"}, {10, 2}},
                    {{"edw", "PHONE_PRESENT"}, {4, 1}}};
  pb::QualityRun run;
  run.set_name("qualityRuns/x");
  std::map<std::string, double> scores;
  for (const auto& one : ScoresOf(tally, {heavy, light}, run)) {
    scores[one.source() + " " + pb::QualityDimension_Name(one.dimension()) + " " + one.rule()] = one.score();
  }
  CHECK(scores.at(" COMPLETENESS ") == Approx(0.8));
  CHECK(scores.at(" COMPLETENESS qualityRules/ADDRESS_PRESENT") == Approx(0.2));
  CHECK(scores.at("edw COMPLETENESS ") == Approx(0.25));
  CHECK(scores.at("edw VALIDITY ") == Approx(1));  // nobody was asked
}

}  // namespace
}  // namespace carillon::customer::domain
