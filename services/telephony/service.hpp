#pragma once
#include "host/host.hpp"
#include "telephony/api/deps.hpp"
#include "telephony/settings.hpp"

namespace carillon::telephony {

/// Calls, their legs and the line to the switches, put together.
class Service {
 public:
  static constexpr const char* kName = "telephony";
  using Settings = telephony::Settings;
  Service(host::Host& host, const Settings& settings);

 private:
  clients::SwitchLink link_;
  Deps deps_;
};

}  // namespace carillon::telephony
