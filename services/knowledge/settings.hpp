#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::knowledge {

struct Settings {
  std::string time_zone = "Asia/Shanghai";
  int review_days = 182;
  int sweep_ms = 1000;
  int log_days = 35;
  void Declare(config::Registry& registry) {
    registry.String("time_zone", time_zone, "IANA zone in which it is morning or evening for a greeting");
    registry.Int("review.days", review_days, "days after which a published article is to be looked at again",
                 1, 3650);
    registry.Int("sweep.interval_ms", sweep_ms,
                 "how often what is to be published or has expired is looked for, milliseconds", 50, 600000);
    registry.Int("log.days", log_days, "days that searches and misses nobody took up are kept, business time",
                 1, 35);
  }
};

}  // namespace carillon::knowledge
