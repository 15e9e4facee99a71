#include "simulator/domain/people.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

namespace carillon::simulator {
namespace {

TEST_CASE("check characters are those of the standards' own examples", "[simulator][people]") {
  CHECK(ResidentIdCheck("11010119850307452") == '4');
  CHECK(ResidentIdCheck("11010519491231002") == 'X');  // GB 11643, annex
  CHECK(UsccCheck("91350100M000100Y4") == '3');        // GB 32100, annex
  CHECK(OrganisationCodeCheck("D2143569") == 'X');     // GB 11714, annex
}

TEST_CASE("made-up callers are unique, plausible and the same for the same seed", "[simulator][people]") {
  const auto callers = MakeCallers(2000, Random(7));
  REQUIRE(callers.size() == 2000);
  std::set<std::string> mobiles;
  std::set<std::string> documents;
  std::set<std::string> keys;
  std::map<Caller::Consent, int> asked;
  int without_card = 0;
  int companies = 0;
  int vip = 0;
  for (const auto& caller : callers) {
    mobiles.insert(caller.mobile);
    documents.insert(caller.document);
    keys.insert(caller.key);
    ++asked[caller.marketing];
    without_card += caller.has_card ? 0 : 1;
    companies += caller.company ? 1 : 0;
    vip += caller.grade == "GOLD" || caller.grade == "DIAMOND" ? 1 : 0;
    REQUIRE(caller.mobile.size() == 14);
    REQUIRE(caller.document.size() == 18);
    const auto body = std::string_view(caller.document).substr(0, 17);
    REQUIRE(caller.document.back() == (caller.company ? UsccCheck(body) : ResidentIdCheck(body)));
    if (!caller.company) {
      REQUIRE(std::stoi(caller.document.substr(6, 4)) == caller.birth_year);
      REQUIRE(((caller.document[16] - '0') % 2 == 0) == caller.female);
    } else {
      REQUIRE(OrganisationCodeCheck(body.substr(8, 8)) == body[16]);
    }
  }
  CHECK(mobiles.size() == 2000);
  CHECK(documents.size() == 2000);
  CHECK(keys.size() == 2000);
  CHECK(asked[Caller::Consent::kGiven] > 1200);
  CHECK(asked[Caller::Consent::kWithdrawn] > 200);
  CHECK(asked[Caller::Consent::kNeverAsked] > 200);
  CHECK(without_card > 800);
  CHECK(companies == 100);
  CHECK(vip > 50);
  CHECK(vip < 800);
  CHECK(MakeCallers(3, Random(7))[2].document == callers[2].document);
  CHECK(MakeCallers(3, Random(8))[2].document != callers[2].document);
}

TEST_CASE("a marketing table becomes callers, odd rows are refused", "[simulator][people]") {
  const std::vector<std::string> table = {
      "\"age\";\"job\";\"marital\";\"education\";\"default\";\"balance\"",
      "58;\"management\";\"married\";\"tertiary\";\"no\";2143",
      "x;\"management\";\"married\";\"tertiary\";\"no\";2143",
      "44;\"unknown\";\"single\";\"secondary\";\"no\";-20",
      "44;\"technician\"",
  };
  const auto read = CallersOfTable(table, Random(1), 2026);
  REQUIRE(read);
  CHECK(read->refused == 2);
  REQUIRE(read->callers.size() == 2);
  CHECK(read->callers[0].birth_year == 1968);
  CHECK(read->callers[0].occupation == "management");
  CHECK(read->callers[0].balance_minor == 214300);
  CHECK(read->callers[0].document.substr(6, 4) == "1968");
  CHECK(read->callers[1].occupation.empty());
  CHECK(CallersOfTable({"a;b"}, Random(1), 2026).error().reason == "HEADER_UNKNOWN");
}

}  // namespace
}  // namespace carillon::simulator
