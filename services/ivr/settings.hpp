#pragma once
#include <string>

#include "config/registry.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/domain/journey.hpp"

namespace carillon::ivr {

struct Settings {
  int customer_timeout_ms = 400;
  int password_timeout_ms = 3000;
  int code_timeout_ms = 2000;
  int routing_timeout_ms = 1000;
  int script_heap_kib = 4096;
  int script_cpu_ms = 100;
  int session_limit_s = 7200;
  int number_days = 35;
  int path_months = 13;
  int workorder_timeout_ms = 1500;
  int menu_levels = 3;
  int menu_options = 9;
  bool tests_needed = true;
  std::string speech_command = "espeak-ng --stdin --stdout -v {voice}";
  std::string speech_voices =
      "zh-CN=cmn,zh-CN/female=cmn+f2,zh=cmn,yue=yue,yue/female=yue+f2,en=en-gb,en/female=en-gb+f2,ja=ja";
  int speech_timeout_ms = 5000;
  std::string sms_command;
  std::string fax_command;
  bool switch_records = true;
  bool switch_transfers = true;

  MenuLimits menus() const { return {menu_levels, menu_options}; }
  Carriers carriers() const {
    return {switch_records, switch_transfers, !sms_command.empty(), !fax_command.empty()};
  }

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
    registry.Int("code.timeout_ms", code_timeout_ms,
                 "how long the carrier may take to accept a one-time code, milliseconds", 100, 20000);
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
    registry.String(
        "speech.command", speech_command,
        "text-to-speech: a program that reads a text and writes a WAV file; {voice} is the speaker");
    registry.String("speech.voices", speech_voices,
                    "which speaker of the program a language has: 'zh-CN=cmn,zh-CN/female=cmn+f2'");
    registry.Int("speech.timeout_ms", speech_timeout_ms, "how long speaking a text may take, milliseconds",
                 100, 60000);
    registry.String(
        "sms.command", sms_command,
        "a program that sends the short message it reads to {number}; empty = there is no carrier");
    registry.String("fax.command", fax_command,
                    "a program that faxes the text it reads to {number}; empty = there is no fax server");
    registry.Bool("switch.records", switch_records, "whether the switch can record a caller's message");
    registry.Bool("switch.transfers", switch_transfers, "whether the switch can dial a number outside");
    registry.Int("retention.path_months", path_months, "how long the path of a session is kept, whole months",
                 1, 120);
    registry.Int("retention.number_days", number_days, "how long a calling number is kept, days", 1, 35);
  }
};

}  // namespace carillon::ivr
