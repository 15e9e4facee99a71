#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::workorder {

struct Settings {
  std::string time_zone = "Asia/Shanghai";
  std::string office_hours = "1-5 09:00-18:00";
  std::string holidays;
  int sweep_ms = 1000;
  int watch_ms = 500;
  void Declare(config::Registry& registry) {
    registry.String("time_zone", time_zone, "IANA zone of order numbers, office hours and days of revisits");
    registry.String("calendar.office_hours", office_hours,
                    "office hours, Monday = 1: '1-5 09:00-18:00, 6 09:00-12:00'");
    registry.String("calendar.holidays", holidays, "days the office is closed: '2026-10-01, 2026-10-02'");
    registry.Int("sweep.interval_ms", sweep_ms, "how often broken promises are looked for, milliseconds", 50,
                 600000);
    registry.Int("watch.interval_ms", watch_ms,
                 "how often the desks' streams are brought up to date, milliseconds", 50, 60000);
  }
};

}  // namespace carillon::workorder
