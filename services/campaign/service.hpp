#pragma once
#include <memory>

#include "campaign/settings.hpp"
#include "host/host.hpp"

namespace carillon::campaign {

/// Whom to call, why, and what came of it.
class Service {
 public:
  static constexpr const char* kName = "campaign";
  using Settings = campaign::Settings;
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace carillon::campaign
