#include "ivr/domain/menus.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "ivr/domain/errors.hpp"

namespace carillon::ivr {

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

namespace {

struct Judged {
  int conditions = 0, rank = 0;
  std::string failed;  ///< the first condition that does not hold
  std::string held;    ///< "grade DIAMOND, time 20:00-08:00"
};

Judged Judge(const v1::MenuSelector& selector, const Listener& listener, const calendar::LocalTime& local) {
  Judged judged;
  const auto look = [&](const char* condition, const std::string& wanted, bool holds, int order) {
    if (wanted.empty()) return;
    ++judged.conditions;
    judged.rank += order;
    if (!holds && judged.failed.empty()) judged.failed = condition;
    judged.held += (judged.held.empty() ? "" : ", ") + std::string(condition) + " " + wanted;
  };
  const auto& band = selector.time_band();
  look("grade", selector.grade(), selector.grade() == listener.grade, 16);
  look("region", selector.region(),
       !listener.region.empty() && listener.region.starts_with(selector.region()), 8);
  look("time", selector.has_time_band() ? band.start() + "-" + band.end() : "", BandHolds(band, local), 4);
  look("brand", selector.brand(), selector.brand() == listener.brand, 2);
  look("language", selector.language(), selector.language() == listener.language, 1);
  return judged;
}

}  // namespace

v1::MenuChoice ChooseMenu(const google::protobuf::RepeatedPtrField<v1::MenuVariant>& menus,
                          const Listener& listener, const calendar::LocalTime& local) {
  v1::MenuChoice out;
  out.set_menu("default");
  out.set_reason("no row holds");
  int best = -1;
  int winner = -1;
  for (const auto& variant : menus) {
    const Judged judged = Judge(variant.selector(), listener, local);
    auto& row = *out.add_rows();
    *row.mutable_variant() = variant;
    row.set_holds(judged.failed.empty());
    row.set_failed(judged.failed);
    row.set_conditions(judged.conditions);
    const int weight = judged.conditions * 32 + judged.rank;
    if (!row.holds() || weight <= best) continue;
    best = weight;
    winner = out.rows_size() - 1;
    out.set_menu(variant.menu());
    out.set_reason("row " + std::to_string(out.rows_size()) +
                   (judged.held.empty() ? " is the default and no other holds"
                                        : " holds for " + judged.held + " and has most conditions"));
  }
  if (winner >= 0) out.mutable_rows(winner)->set_chosen(true);
  return out;
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
    fallback = fallback || Judge(selector, {}, {}).conditions == 0;
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
  static std::mutex mutex;  // a zone takes longer to load than a key takes to be answered
  static std::map<std::string, calendar::TimeZone> loaded;
  const std::string name = number.time_zone().empty() ? "Asia/Shanghai" : number.time_zone();
  const std::lock_guard lock(mutex);
  if (const auto found = loaded.find(name); found != loaded.end()) return found->second;
  TRY(const auto zone, calendar::TimeZone::Load(name));
  loaded.emplace(name, zone);
  return zone;
}

}  // namespace carillon::ivr
