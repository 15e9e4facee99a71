#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::dialer {

/// What is the dialer's own; the rest is host::CommonSettings, of which `instance` names the dialer in
/// attempts.
struct Settings {
  int poll_ms = 1000;
  int idle_poll_ms = 5000;
  int most_targets = 50;
  int threads = 16;
  int timeout_ms = 2000;
  std::string tenant, campaign;
  bool until_done = false;

  void Declare(config::Registry& r) {
    r.Int("poll_ms", poll_ms, "from one look for work to the next, real milliseconds", 10, 60000);
    r.Int("idle_poll_ms", idle_poll_ms, "the same while there is no work, real milliseconds", 10, 600000);
    r.Int("most_targets", most_targets, "targets leased at once, most", 1, 100);
    r.Int("threads", threads, "calls asked for at once", 1, 256);
    r.Int("timeout_ms", timeout_ms, "time for one question to another service, real milliseconds", 50, 30000);
    r.String("tenant", tenant, "dial only for this tenant, uuid; empty = for all");
    r.String("campaign", campaign, "dial only this campaign, uuid; empty = all");
    r.Bool("until_done", until_done,
           "end with exit code 0 when the campaign is over; needs tenant and campaign");
  }
};

}  // namespace carillon::dialer
