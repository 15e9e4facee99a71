#include "customer/domain/identifiers.hpp"

#include <catch2/catch.hpp>

namespace carillon::customer::domain {
namespace {

TEST_CASE("a resident identity number tells birth and gender when its check digit fits",
          "[customer][identifier]") {
  const auto facts = ReadResidentId("110101198503074524");
  REQUIRE(facts);
  CHECK(facts->year == 1985);
  CHECK(facts->month == 3);
  CHECK(facts->day == 7);
  CHECK(facts->gender == pb::Person::FEMALE);
  CHECK(ReadResidentId("11010519491231002X"));  // the example of GB 11643
  CHECK(ReadResidentId("440524188001010014"));  // its second one
}

TEST_CASE("every wrong digit of a resident number is noticed", "[customer][identifier]") {
  const std::string good = "11010519491231002X";
  int noticed = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      if (c == good[i]) continue;
      std::string bad = good;
      bad[i] = c;
      CHECK_FALSE(ReadResidentId(bad).has_value());
      ++noticed;
    }
  }
  CHECK(noticed == 17 * 9);
  for (const char* bad :
       {"", "110105194912310021", "11010519491331002X", "1101051949123100X2", "11010519491231002", "x"}) {
    CHECK_FALSE(ReadResidentId(bad).has_value());
  }
}

TEST_CASE("a number of before 1999 is stored with its 18 digits", "[customer][identifier]") {
  CHECK(NormalizedNumber(pb::Identifier::RESIDENT_ID, "110105491231002") == "11010519491231002X");
  CHECK(NormalizedNumber(pb::Identifier::RESIDENT_ID, " 110105 19491231 002x") == "11010519491231002X");
  CHECK(NormalizedNumber(pb::Identifier::PASSPORT, "e 1234-5678") == "E12345678");
}

TEST_CASE("a unified social credit code is told by its check character", "[customer][identifier]") {
  CHECK(IsUscc("91350100M000100Y43"));  // the example of GB 32100
  CHECK(IsUscc("911100001000000008") == false);
  CHECK_FALSE(IsUscc("91350100M000100Y4O"));
  CHECK_FALSE(IsUscc("91350100M000100I43"));
  CHECK_FALSE(IsUscc("91350100M000100Y4"));
  std::string swapped = "91350100M000100Y43";
  std::swap(swapped[8], swapped[9]);
  CHECK_FALSE(IsUscc(swapped));
}

TEST_CASE("a masked number is not a number", "[customer][identifier]") {
  CHECK(NumberProblem(pb::Identifier::PASSPORT, "E12***78") == "is masked");
  CHECK(NumberProblem(pb::Identifier::PASSPORT, "E12345678").empty());
  CHECK_FALSE(NumberProblem(pb::Identifier::OTHER, "1").empty());
}

}  // namespace
}  // namespace carillon::customer::domain
