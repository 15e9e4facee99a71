#pragma once
#include <memory>

#include "host/host.hpp"
#include "workorder/settings.hpp"

namespace carillon::workorder {

/// Orders from the first contact to the customer's yes.
class Service {
 public:
  static constexpr const char* kName = "workorder";
  using Settings = workorder::Settings;
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace carillon::workorder
