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
  CHECK(ChooseMenu(number.menus(), {}, At(23, 12)).menu() == "default");
  CHECK(ChooseMenu(number.menus(), {"GOLD", "441802", "", ""}, At(23, 12)).menu() == "gold");
  CHECK(ChooseMenu(number.menus(), {"STANDARD", "441802", "", ""}, At(23, 12)).menu() == "qingyuan");
  CHECK(ChooseMenu(number.menus(), {"STANDARD", "441802", "", ""}, At(23, 23)).menu() == "qingyuan");
  CHECK(ChooseMenu(number.menus(), {"STANDARD", "440100", "", ""}, At(23, 7)).menu() == "night");
  CHECK(ChooseMenu(number.menus(), {"GOLD", "", "", ""}, At(23, 22)).menu() == "gold_night");
  CHECK(ChooseMenu(number.menus(), {"", "", "", ""}, At(23, 8)).menu() == "default");
}

TEST_CASE("why a menu was chosen is said row by row", "[ivr][menus]") {
  v1::ServiceNumber number;
  Row(number, "default");
  auto& gold = *Row(number, "gold_night").mutable_selector();
  gold.set_grade("GOLD");
  gold.mutable_time_band()->set_start("22:00");
  gold.mutable_time_band()->set_end("08:00");
  Row(number, "english").mutable_selector()->set_language("en");
  const auto choice = ChooseMenu(number.menus(), {"GOLD", "", "", "zh-CN"}, At(23, 23));
  CHECK(choice.menu() == "gold_night");
  CHECK(choice.reason() == "row 2 holds for grade GOLD, time 22:00-08:00 and has most conditions");
  REQUIRE(choice.rows_size() == 3);
  CHECK(choice.rows(0).holds());
  CHECK_FALSE(choice.rows(0).chosen());
  CHECK(choice.rows(1).chosen());
  CHECK(choice.rows(1).conditions() == 2);
  CHECK(choice.rows(2).failed() == "language");
  const auto noon = ChooseMenu(number.menus(), {"GOLD", "", "", "zh-CN"}, At(23, 12));
  CHECK(noon.rows(1).failed() == "time");
  CHECK(noon.reason() == "row 1 is the default and no other holds");
}

TEST_CASE("a night on listed weekdays belongs to the day it began on", "[ivr][menus]") {
  v1::ServiceNumber number;
  Row(number, "default");
  auto& band = *Row(number, "weekend").mutable_selector()->mutable_time_band();
  band.set_start("20:00");
  band.set_end("06:00");
  band.add_weekdays(6);
  band.add_weekdays(7);
  CHECK(ChooseMenu(number.menus(), {}, At(22, 23)).menu() == "weekend");  // Sunday evening
  CHECK(ChooseMenu(number.menus(), {}, At(23, 5)).menu() == "weekend");   // Monday before six
  CHECK(ChooseMenu(number.menus(), {}, At(23, 21)).menu() == "default");  // Monday evening
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
