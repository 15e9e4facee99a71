#pragma once
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// The call log of a real bank (A. Mandelbaum, Technion, "Anonymous Bank", Guedj and Mandelbaum 2000): one
/// line a call, 17 columns. The log is dirty; nothing of it stops a replay, everything odd is counted by
/// kind.
namespace carillon::simulator {

using std::chrono::seconds;

/// How the real centre's call ended.
enum class LoggedOutcome { kAgent, kHang, kPhantom };

/// One line, cleaned. Clocks are seconds from the day's local midnight and never run backwards.
struct LoggedCall {
  std::string line;      ///< VRU and line the call came in on
  std::string id;        ///< unique within a VRU only
  std::string customer;  ///< empty when the log has none
  std::string type;      ///< PS PE IN NE NW TT, as logged
  std::string server;    ///< empty when nobody served the call
  int priority = 0;      ///< 0, 1 regular, 2 high
  LoggedOutcome outcome = LoggedOutcome::kHang;
  std::chrono::sys_days day;
  seconds entry{0};
  seconds vru{0};
  bool queued = false;  ///< the call reached the queue
  seconds wait{0};      ///< in queue
  seconds service_start{0};
  seconds service{0};
};

/// Counts of oddities by kind: `negative_vru_time`, `past_midnight`, `missing_customer_id`, `merged_fields`,
/// `duration_disagrees`, `unknown_type`, `agent_without_name`, `service_without_clock`, `unreadable`.
using Dirt = std::map<std::string, int, std::less<>>;

struct LoggedLine {
  LoggedCall call;
  std::vector<std::string> dirt;
};

/// One line of the log. INVALID_ARGUMENT LINE_UNREADABLE when it has no date, no entry clock or no outcome.
Result<LoggedLine> ReadLogLine(std::string_view line);

/// "1999-02-10" or "990210". INVALID_ARGUMENT DATE_MALFORMED.
Result<std::chrono::sys_days> ReadDay(std::string_view text);

/// "1999-02-10"
std::string FormatDay(std::chrono::sys_days day);

/// What a log holds of the days wanted, with the dirt of exactly those lines.
struct CallLog {
  std::vector<LoggedCall> calls;  ///< by entry clock
  Dirt dirt;
  int lines = 0;  ///< read, all days
};

/// Takes lines one by one; keeps the calls of `day`, or of every day when there is none.
class LogReader {
 public:
  LogReader() = default;
  explicit LogReader(std::chrono::sys_days day) : day_(day), one_day_(true) {}
  void Take(std::string_view line);
  CallLog Finish() &&;

 private:
  std::chrono::sys_days day_{};
  bool one_day_ = false;
  CallLog log_;
};

/// What the real centre achieved, to be set beside a replay.
struct Achieved {
  int calls = 0;
  int answered = 0;
  int abandoned_in_queue = 0;
  int left_in_vru = 0;
  int phantom = 0;
  int answered_within_20 = 0;
  double mean_wait_answered_s = 0;   ///< over all answered calls, those that did not wait included
  double mean_wait_abandoned_s = 0;  ///< over those that hung up in the queue
  double mean_service_s = 0;
};

Achieved WhatTheCentreAchieved(const std::vector<LoggedCall>& calls);

}  // namespace carillon::simulator
