#pragma once
#include "config/registry.hpp"

namespace carillon::routing {

struct Settings {
  int append_limit_ms = 5000;
  int lease_ms = 1500;
  std::string address;
  int desk_expiry_s = 120;
  int snapshot_every = 5000;
  int batch = 256;
  int telephony_timeout_ms = 2000;
  int retention_days = 35;

  void Declare(config::Registry& r) {
    r.Int("journal.append_limit_ms", append_limit_ms,
          "longest append before the shard is rebuilt, real milliseconds", 100, 60000);
    r.Int("journal.snapshot_every", snapshot_every, "journal rows between snapshots", 10, 1000000);
    r.Int("journal.batch", batch, "most commands in one transaction", 1, 10000);
    r.Int("shard.lease_ms", lease_ms, "a shard not renewed for so long may be taken over, real milliseconds",
          300, 60000);
    r.String("shard.address", address,
             "host:port where the other instances of routing reach this one; empty = listen");
    r.Int("desk.expiry_s", desk_expiry_s,
          "an agent whose desk is gone for so long is signed out, real seconds", 1, 3600);
    r.Int("interaction.retention_days", retention_days,
          "days after which calling numbers and attached data are taken out of records and journal", 1, 35);
    r.Int("telephony.timeout_ms", telephony_timeout_ms,
          "time for one request to telephony, real milliseconds", 50, 10000);
  }
};

}  // namespace carillon::routing
