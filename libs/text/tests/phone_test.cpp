#include "text/phone.hpp"

#include <catch2/catch.hpp>

namespace carillon::text {
namespace {

TEST_CASE("a number is one E.164 string however it is typed", "[text][phone]") {
  for (const char* typed : {"13800138000", "138-0013-8000", "+86 138 0013 8000", "008613800138000",
                            "１３８００１３８０００", "(138) 0013 8000", "86-13800138000"}) {
    INFO(typed);
    CHECK(ToE164(typed) == "+8613800138000");
  }
  CHECK(ToE164("010-65529988") == "+861065529988");
  CHECK(ToE164("0757-83990000") == "+8675783990000");
  CHECK(ToE164("(212) 555-0100", "US") == "+12125550100");
  CHECK(ToE164("+1 212 555 0100") == "+12125550100");
}

TEST_CASE("a mobile number in plain digits is read as the library reads it with spaces", "[text][phone]") {
  for (int prefix = 100; prefix < 200; ++prefix) {
    for (const char* rest : {"00138000", "99999999", "5113800", "380013800"}) {
      const std::string digits = std::to_string(prefix) + rest;
      INFO(digits);
      CHECK(ToE164(digits) == ToE164(digits.substr(0, 2) + " " + digits.substr(2)));
      CHECK(ToE164("+86" + digits) == ToE164("+86 " + digits));
      CHECK(ToE164(digits, "US") == ToE164(digits.substr(0, 2) + " " + digits.substr(2), "US"));
    }
  }
}

TEST_CASE("what is no phone number is not made one", "[text][phone]") {
  for (const char* typed : {"", "anonymous", "138****8000", "123", "10000", "65529988", "1380013800012345678",
                            "abc13800138000"}) {
    INFO(typed);
    CHECK_FALSE(ToE164(typed).has_value());
  }
}

TEST_CASE("people read the national form, strangers a masked one", "[text][phone]") {
  CHECK(NationalForm("+8613800138000") == "138 0013 8000");
  CHECK(NationalForm("nonsense").empty());
  CHECK(MaskPhone("+8613800136677") == "138****6677");
  CHECK(MaskPhone("10086") == "****86");
  CHECK(MaskPhone("") == "");
  CHECK(RegionOf("+8613800138000") == "CN");
  CHECK(RegionOf("+12125550100") == "US");
}

TEST_CASE("the end of a number is the beginning of its term", "[text][phone]") {
  CHECK(PhoneSuffixTerm("+8613800138000") == "0008310083168");
  CHECK(PhoneSuffixTerm("+8613800138000").starts_with(SuffixQuery("38-000")));
  CHECK(PhoneSuffixTerm("+8613800138000").starts_with(SuffixQuery("13800138000")));
}

}  // namespace
}  // namespace carillon::text
