#pragma once
#include <memory>

#include "host/host.hpp"
#include "insight/settings.hpp"

namespace carillon::insight {

/// Facts from everybody's events, and the figures over them.
class Service {
 public:
  static constexpr const char* kName = "insight";
  using Settings = insight::Settings;
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace carillon::insight
