#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::qa {

struct Settings {
  std::string time_zone = "Asia/Shanghai";
  std::string night = "22:30-08:00";
  void Declare(config::Registry& registry) {
    registry.String("time_zone", time_zone, "IANA zone of plans that name none");
    registry.String("night", night, "the NIGHT band of the local day: '22:30-08:00'");
  }
};

}  // namespace carillon::qa
