#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::insight {

struct Settings {
  std::string time_zone = "Asia/Shanghai";
  int service_threshold_s = 20;
  int short_abandon_s = 5;
  void Declare(config::Registry& registry) {
    registry.String("time_zone", time_zone, "IANA zone of reports that name none");
    registry.Int("service_threshold_s", service_threshold_s, "T of the service level, seconds", 1, 3600);
    registry.Int("short_abandon_s", short_abandon_s,
                 "leaving within this wait does not count against the centre, seconds", 0, 3600);
  }
};

}  // namespace carillon::insight
