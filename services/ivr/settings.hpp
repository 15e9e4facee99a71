#pragma once
#include "config/registry.hpp"
#include "ivr/domain/findings.hpp"

namespace carillon::ivr {

struct Settings {
  int customer_timeout_ms = 400;
  int password_timeout_ms = 3000;
  int routing_timeout_ms = 1000;
  int script_heap_kib = 4096;
  int script_cpu_ms = 100;
  int session_limit_s = 7200;
  int number_days = 35;
  int workorder_timeout_ms = 1500;
  int menu_levels = 3;
  int menu_options = 9;
  bool tests_needed = false;

  MenuLimits menus() const { return {menu_levels, menu_options}; }

  void Declare(config::Registry& registry) {
    registry.Int(
        "customer.timeout_ms", customer_timeout_ms,
        "how long a caller waits for customer records before the flow goes on without them, milliseconds", 50,
        10000);
    registry.Int("routing.timeout_ms", routing_timeout_ms,
                 "how long a hand-over to a queue may take, milliseconds", 100, 20000);
    registry.Int("customer.password_timeout_ms", password_timeout_ms,
                 "how long the check of a service password may take (it is slow on purpose), milliseconds",
                 100, 10000);
    registry.Int("script.heap_kib", script_heap_kib, "memory of one session's scripts, KiB", 512, 65536);
    registry.Int("script.cpu_ms", script_cpu_ms, "CPU time of all scripts of one step, milliseconds", 10,
                 5000);
    registry.Int("session.limit_s", session_limit_s,
                 "a session still active after so long is closed as abandoned, seconds", 600, 86400);
    registry.Int("workorder.timeout_ms", workorder_timeout_ms,
                 "how long opening or finding a work order may take, milliseconds", 100, 20000);
    registry.Int("publish.menu_levels", menu_levels, "how many menus deep a published flow may be", 1, 9);
    registry.Int("publish.menu_options", menu_options,
                 "how many options a menu of a published flow may have, besides 0", 2, 9);
    registry.Bool("publish.tests_needed", tests_needed, "whether a flow without tests may not be published");
    registry.Int("retention.number_days", number_days, "how long a calling number is kept, days", 1, 35);
  }
};

}  // namespace carillon::ivr
