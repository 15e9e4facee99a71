#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::customer {

/// What is customer's own; the rest is host::CommonSettings.
struct Settings {
  std::string vault_provider = "intl";
  std::string vault_keys;
  int cache_ttl_s = 300;
  int cache_patience_ms = 50;
  int dormant_after_days = 365;
  int retention_file_results_days = 90;
  int retention_contacts_days = 0;
  int retention_closed_days = 3650;
  int retention_kept_days = 3650;
  int quality_every_hours = 24;
  int matching_learn_every_hours = 168;
  int segments_every_hours = 24;

  void Declare(config::Registry& r) {
    r.String("vault.provider", vault_provider, "algorithms that seal identifiers and accounts: intl or gm");
    r.Secret("vault.keys", vault_keys,
             "keys that seal identifiers and accounts, id:secret[,id:secret], first active", true);
    r.Int("cache.ttl_s", cache_ttl_s, "life of a cached look-up, real seconds", 1, 86400);
    r.Int("cache.patience_ms", cache_patience_ms, "longest a look-up waits for the cache, milliseconds", 1,
          5000);
    r.Int("dormant.after_days", dormant_after_days,
          "days without contact after which an ACTIVE customer is DORMANT", 1, 3650);
    r.Int("retention.file_results_days", retention_file_results_days,
          "days the fate of each row of a source's file is kept", 1, 3650);
    r.Int("retention.contacts_days", retention_contacts_days,
          "days the list of contacts is kept; 0 = as long as the customer", 0, 36500);
    r.Int("retention.closed_days", retention_closed_days,
          "days after closing at which a customer is erased; 0 = never", 0, 36500);
    r.Int("retention.kept_days", retention_kept_days,
          "days that what the law makes us keep of an erased customer is kept", 1, 36500);
    r.Int("quality.every_hours", quality_every_hours,
          "hours of business time between two looks at all records of a tenant; 0 = only when asked", 0,
          8760);
    r.Int("segments.every_hours", segments_every_hours,
          "hours of business time between two looks at all customers of a tenant with rules of segments", 1,
          8760);
    r.Int(
        "matching.learn_every_hours", matching_learn_every_hours,
        "hours of business time between two sweeps that learn who is who and ask clerks; 0 = only when asked",
        0, 8760);
  }
};

}  // namespace carillon::customer
