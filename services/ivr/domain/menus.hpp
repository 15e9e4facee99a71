#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/time_zone.hpp"
#include "carillon/ivr/v1/flow.pb.h"

/// Which menu a caller hears.
namespace carillon::ivr {

/// What is known of a caller when the menu is chosen.
struct Listener {
  std::string grade, region, brand, language;
};

/// Whether the band has this time; one over midnight belongs to the day it began. No weekdays are all.
bool BandHolds(const v1::TimeBand& band, const calendar::LocalTime& local);

/// Judges every row of `menus`. The winner is the row with most of its conditions holding; between equals
/// grade counts more than region, region more than time, time more than brand, brand more than language; then
/// the earlier row. "default" when no row holds.
v1::MenuChoice ChooseMenu(const google::protobuf::RepeatedPtrField<v1::MenuVariant>& menus,
                          const Listener& listener, const calendar::LocalTime& local);

/// DEFAULT_MENU_MISSING; INVALID_ARGUMENT for a weekday outside 1–7 or a time zone that does not exist.
Result<void> CheckMenus(const v1::ServiceNumber& number);

/// The zone of the number, "Asia/Shanghai" when it names none.
Result<calendar::TimeZone> ZoneOf(const v1::ServiceNumber& number);

}  // namespace carillon::ivr
