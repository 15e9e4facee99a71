#include "customer/domain/filter.hpp"

#include <catch2/catch.hpp>

namespace carillon::customer::domain {
namespace {

std::vector<pb::CustomField> Fields() {
  std::vector<pb::CustomField> out;
  const auto add = [&](const std::string& key, pb::CustomField::Kind kind, bool masked = false) {
    auto& one = out.emplace_back();
    one.set_name("customFields/" + key);
    one.set_kind(kind);
    one.set_masked(masked);
  };
  add("capacity", pb::CustomField::NUMBER);
  add("hobby", pb::CustomField::TEXT);
  add("renews", pb::CustomField::DATE);
  add("parks", pb::CustomField::FLAG);
  add("guardian", pb::CustomField::TEXT, true);
  return out;
}

std::string Read(const std::string& filter) {
  const auto condition = ParseFilter(filter, Fields());
  if (!condition) return condition.error().reason + " " + condition.error().violations.at(0).description;
  return Canonical(*condition);
}

TEST_CASE("OR binds closer than AND, words side by side are joined by AND", "[customer][unit]") {
  CHECK(Read("state = ACTIVE AND grade = GOLD OR brand = x") ==
        "(state = \"ACTIVE\" AND (grade = \"GOLD\" OR brand = \"x\"))");
  CHECK(Read("state=ACTIVE grade=GOLD") == "(state = \"ACTIVE\" AND grade = \"GOLD\")");
  CHECK(Read("(state = ACTIVE AND grade = GOLD) OR brand = x") ==
        "((state = \"ACTIVE\" AND grade = \"GOLD\") OR brand = \"x\")");
  CHECK(Read("NOT (alerts:BLACKLIST OR alerts:OVERDUE)") ==
        "NOT (alerts:\"BLACKLIST\" OR alerts:\"OVERDUE\")");
  CHECK(Read("-accounts:LOAN") == "NOT accounts:\"LOAN\"");
  CHECK(Read("NOT state != ACTIVE") == "state = \"ACTIVE\"");
}

TEST_CASE("values are of the field's kind, and an order that codes have is theirs", "[customer][unit]") {
  CHECK(Read("grade >= GOLD") == "(grade = \"GOLD\" OR grade = \"DIAMOND\")");
  CHECK(Read("life_cycle_stage < DEVELOPMENT AND age >= 60").starts_with("((life_cycle_stage = "));
  CHECK(Read("create_time >= 2026-03-01") == "create_time >= \"2026-03-01T00:00:00+08:00\"");
  CHECK(Read("last_contact_time < '2026-03-01T09:30:00Z'") == "last_contact_time < \"2026-03-01T09:30:00Z\"");
  CHECK(Read("custom_fields.capacity >= 100") == "custom_fields.capacity >= \"100\"");
  CHECK(Read("home_region = \"44*\"") == "home_region = \"44*\"");
  CHECK(Read("segments.VALUE:* AND segments.NEED = '会议 120'") ==
        "(segments.VALUE:* AND segments.NEED = \"会议 120\")");
  CHECK(Read("accounts.expire_date <= 2026-04-30") == "accounts.expire_date <= \"2026-04-30\"");
  CHECK(Read("balance >= 500000 AND accounts.days_left <= 30") ==
        "(balance >= \"500000\" AND accounts.days_left <= \"30\")");
  CHECK(Read("brand = \"a\\\"b\"") == "brand = \"a\\\"b\"");
}

TEST_CASE("a filter that says nothing sensible is refused at its place", "[customer][unit]") {
  CHECK(Read("  ") == "FILTER_INVALID at 3: a test is missing");
  CHECK(Read("grade") == "FILTER_INVALID at 6: a comparison must follow grade");
  CHECK(Read("grade = ") == "FILTER_INVALID at 9: a value must follow =");
  CHECK(Read("grade = PLATINUM").starts_with("FILTER_INVALID at 9: is none of GRADE_UNSPECIFIED, STANDARD"));
  CHECK(Read("grade > DIAMOND") == "FILTER_INVALID at 9: nobody can pass");
  CHECK(Read("state > ACTIVE") == "FILTER_INVALID at 7: has no order");
  CHECK(Read("age > old") == "FILTER_INVALID at 7: must be a number");
  CHECK(Read("create_time > 2026-02-30").starts_with("FILTER_INVALID at 15: must be a day or a time"));
  CHECK(Read("full_name = 李秀英") == "FILTER_INVALID at 1: there is no field 'full_name'");
  CHECK(Read("custom_fields.nothing = 1") == "FILTER_INVALID at 1: there is no custom field 'nothing'");
  CHECK(Read("custom_fields.guardian = 陈国强").find("is personal") != std::string::npos);
  CHECK(Read("custom_fields.parks = maybe") == "FILTER_INVALID at 23: must be true or false");
  CHECK(Read("accounts = LOAN").find("is asked with ':'") != std::string::npos);
  CHECK(Read("brand = 'x") == "FILTER_INVALID at 9: a quote is not closed");
  CHECK(Read("(brand = x") == "FILTER_INVALID at 11: a bracket is not closed");
  CHECK(Read("brand = x)") == "FILTER_INVALID at 10: nothing can follow here: ')'");
  CHECK(Read("brand = x AND") == "FILTER_INVALID at 14: a test must follow AND");
  CHECK(Read(std::string(40, '(') + "brand = x").find("too deep") != std::string::npos);
  std::string many = "brand = x";
  for (int i = 0; i < 60; ++i) many += " brand = x";
  CHECK(Read(many).find("more than 50 tests") != std::string::npos);
}

TEST_CASE("what is written out reads the same again", "[customer][unit]") {
  for (const std::string filter :
       {"grade >= SILVER AND NOT (accounts:LOAN OR alerts:*) segments.RISK != HIGH",
        "do_not_contact = false AND birth_year >= 1960 OR special_needs:ELDERLY",
        "custom_fields.renews < 2026-12-31 AND custom_fields.parks = true AND custom_fields.hobby = '象*'"}) {
    CHECK(Read(Read(filter)) == Read(filter));
  }
}

}  // namespace
}  // namespace carillon::customer::domain
