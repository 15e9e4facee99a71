#pragma once
#include <memory>

#include "customer/settings.hpp"

namespace carillon::host {
class Host;
}

namespace carillon::customer {

/// The customer master: binds its methods, consumes what it needs, runs its sweep.
class Service {
 public:
  static constexpr const char* kName = "customer";
  using Settings = customer::Settings;

  /// Throws std::runtime_error when the vault's keys or the Redis URL are unusable.
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace carillon::customer
