#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::campaign {

/// What is campaign's own; the rest is host::CommonSettings.
struct Settings {
  std::string time_zone = "Asia/Shanghai";
  std::string vault_provider = "intl";
  std::string vault_keys;
  int sweep_ms = 250;
  int customer_timeout_ms = 3000;

  void Declare(config::Registry& registry) {
    registry.String("time_zone", time_zone, "IANA zone of the callees of campaigns that name none");
    registry.String("vault.provider", vault_provider,
                    "algorithms that sign dial tokens and hash numbers: intl or gm");
    registry.Secret("vault.keys", vault_keys,
                    "keys that sign dial tokens and hash numbers, id:secret[,id:secret], first active", true);
    registry.Int("sweep.interval_ms", sweep_ms,
                 "how often leases, starts and ends that are due are looked for, real milliseconds", 50,
                 60000);
    registry.Int("customer.timeout_ms", customer_timeout_ms,
                 "longest wait for the customer master, real milliseconds", 100, 30000);
  }
};

}  // namespace carillon::campaign
