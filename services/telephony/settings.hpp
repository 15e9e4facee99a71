#pragma once
#include <string>

#include "config/registry.hpp"

namespace carillon::telephony {

struct Settings {
  std::string wait_text = "您好，电话正在接通，请稍候。";
  std::string wait_language = "zh-CN";
  int longest_s = 4 * 3600;
  int grace_s = 900;
  int retention_days = 35;
  int ivr_timeout_ms = 3000;
  int routing_timeout_ms = 1000;
  int campaign_timeout_ms = 2000;

  void Declare(config::Registry& r) {
    r.String("wait.text", wait_text, "what a customer hears until the menu, or routing, answers");
    r.String("wait.language", wait_language, "BCP 47 language of wait.text");
    r.Int("call.longest_s", longest_s, "longest life of a call, business seconds", 60, 86400);
    r.Int("call.release_grace_s", grace_s, "time a switch may take to confirm a release, business seconds",
          10, 86400);
    r.Int("call.retention_days", retention_days, "days after which calls and their numbers are deleted", 1,
          35);
    r.Int("ivr.timeout_ms", ivr_timeout_ms, "time for one question to ivr, real milliseconds", 50, 10000);
    r.Int("routing.timeout_ms", routing_timeout_ms, "time for one report to routing, real milliseconds", 50,
          10000);
    r.Int("campaign.timeout_ms", campaign_timeout_ms, "time to redeem one dial token, real milliseconds", 50,
          10000);
  }
};

}  // namespace carillon::telephony
