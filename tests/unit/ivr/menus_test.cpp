#include "ivr/domain/menus.hpp"

#include <catch2/catch.hpp>

namespace carillon::ivr {
namespace {

v1::MenuVariant& Row(v1::ServiceNumber& number, const std::string& menu) {
  auto& row = *number.add_menus();
  row.set_menu(menu);
  return row;
}

calendar::LocalTime At(int day, int hour) {
  return {std::chrono::year{2026} / 11 / day, std::chrono::hours{hour}};
}

}  // namespace

TEST_CASE("the menu with most conditions met is played, grade before region before time", "[ivr][menus]") {
  v1::ServiceNumber number;
  Row(number, "default");
  Row(number, "gold").mutable_selector()->set_grade("GOLD");
  Row(number, "qingyuan").mutable_selector()->set_region("4418");
  auto& night = *Row(number, "night").mutable_selector()->mutable_time_band();
  night.set_start("22:00");
  night.set_end("08:00");
  auto& both = *Row(number, "gold_night").mutable_selector();
  both.set_grade("GOLD");
  *both.mutable_time_band() = night;
  CHECK(ChooseMenu(number, {}, At(23, 12)) == "default");
  CHECK(ChooseMenu(number, {"GOLD", "441802", "", ""}, At(23, 12)) == "gold");
  CHECK(ChooseMenu(number, {"STANDARD", "441802", "", ""}, At(23, 12)) == "qingyuan");
  CHECK(ChooseMenu(number, {"STANDARD", "441802", "", ""}, At(23, 23)) == "qingyuan");
  CHECK(ChooseMenu(number, {"STANDARD", "440100", "", ""}, At(23, 7)) == "night");
  CHECK(ChooseMenu(number, {"GOLD", "", "", ""}, At(23, 22)) == "gold_night");
  CHECK(ChooseMenu(number, {"", "", "", ""}, At(23, 8)) == "default");
}

TEST_CASE("a night on listed weekdays belongs to the day it began on", "[ivr][menus]") {
  v1::ServiceNumber number;
  Row(number, "default");
  auto& band = *Row(number, "weekend").mutable_selector()->mutable_time_band();
  band.set_start("20:00");
  band.set_end("06:00");
  band.add_weekdays(6);
  band.add_weekdays(7);
  CHECK(ChooseMenu(number, {}, At(22, 23)) == "weekend");  // Sunday evening
  CHECK(ChooseMenu(number, {}, At(23, 5)) == "weekend");   // Monday before six
  CHECK(ChooseMenu(number, {}, At(23, 21)) == "default");  // Monday evening
}

TEST_CASE("a number without a default menu is refused", "[ivr][menus]") {
  v1::ServiceNumber number;
  Row(number, "vip").mutable_selector()->set_grade("GOLD");
  CHECK(CheckMenus(number).error().reason == "DEFAULT_MENU_MISSING");
  Row(number, "default");
  CHECK(CheckMenus(number));
  number.set_time_zone("Mars/Olympus");
  CHECK_FALSE(CheckMenus(number));
}

}  // namespace carillon::ivr
