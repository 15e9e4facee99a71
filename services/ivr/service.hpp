#pragma once
#include "host/host.hpp"
#include "ivr/deps.hpp"
#include "ivr/settings.hpp"

namespace carillon::ivr {

class Service {
 public:
  static constexpr const char* kName = "ivr";
  using Settings = ivr::Settings;
  Service(host::Host& host, const Settings& settings);

 private:
  Settings settings_;
  Deps deps_;
};

}  // namespace carillon::ivr
