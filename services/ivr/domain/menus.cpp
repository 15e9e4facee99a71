#include "ivr/domain/menus.hpp"

#include <algorithm>

#include "ivr/domain/errors.hpp"

namespace carillon::ivr {
namespace {

bool BandHolds(const v1::TimeBand& band, const calendar::LocalTime& local) {
  const auto from = calendar::ParseTimeOfDay(band.start());
  const auto to = calendar::ParseTimeOfDay(band.end());
  if (!from || !to) return false;
  const auto day_listed = [&](std::chrono::weekday day) {
    return band.weekdays().empty() ||
           std::find(band.weekdays().begin(), band.weekdays().end(), static_cast<int>(day.iso_encoding())) !=
               band.weekdays().end();
  };
  const auto time = local.time_of_day;
  if (*from < *to) return time >= *from && time < *to && day_listed(local.Weekday());
  if (time >= *from) return day_listed(local.Weekday());
  return time < *to && day_listed(local.Weekday() - std::chrono::days{1});
}

/// -1 when a condition fails; else how specific the row is.
int Weight(const v1::MenuSelector& selector, const Listener& listener, const calendar::LocalTime& local) {
  int conditions = 0;
  int rank = 0;
  const auto add = [&](bool given, bool holds, int order) {
    if (!given) return true;
    ++conditions;
    rank += order;
    return holds;
  };
  const bool fits = add(!selector.grade().empty(), selector.grade() == listener.grade, 16) &&
                    add(!selector.region().empty(),
                        !listener.region.empty() && listener.region.starts_with(selector.region()), 8) &&
                    add(selector.has_time_band(), BandHolds(selector.time_band(), local), 4) &&
                    add(!selector.brand().empty(), selector.brand() == listener.brand, 2) &&
                    add(!selector.language().empty(), selector.language() == listener.language, 1);
  return fits ? conditions * 32 + rank : -1;
}

}  // namespace

std::string ChooseMenu(const v1::ServiceNumber& number, const Listener& listener,
                       const calendar::LocalTime& local) {
  int best = -1;
  std::string menu = "default";
  for (const auto& row : number.menus()) {
    const int weight = Weight(row.selector(), listener, local);
    if (weight > best) {
      best = weight;
      menu = row.menu();
    }
  }
  return menu;
}

Result<void> CheckMenus(const v1::ServiceNumber& number) {
  TRY_VOID([&]() -> Result<void> {
    TRY(const auto zone, ZoneOf(number));
    (void)zone;
    return Ok();
  }());
  bool fallback = false;
  for (int i = 0; i < number.menus_size(); ++i) {
    const auto& selector = number.menus(i).selector();
    fallback = fallback || Weight(selector, {}, {}) == 0;
    const std::string field = "service_number.menus[" + std::to_string(i) + "].selector.time_band";
    for (const int day : selector.time_band().weekdays()) {
      if (day < 1 || day > 7) {
        return InvalidArgument("TIME_BAND", "a weekday is 1 to 7", {{field + ".weekdays", "1 to 7"}});
      }
    }
    if (selector.has_time_band() &&
        (selector.time_band().start().empty() || selector.time_band().end().empty())) {
      return InvalidArgument("TIME_BAND", "a time band needs start and end",
                             {{field, "start and end are needed"}});
    }
  }
  return fallback ? Ok() : Result<void>(errors::DefaultMenuMissing());
}

Result<calendar::TimeZone> ZoneOf(const v1::ServiceNumber& number) {
  return calendar::TimeZone::Load(number.time_zone().empty() ? "Asia/Shanghai" : number.time_zone());
}

}  // namespace carillon::ivr
