#include "simulator/domain/call_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace carillon::simulator {
namespace {

constexpr std::size_t kColumns = 17;
constexpr seconds kDay = std::chrono::hours{24};
constexpr std::array<std::string_view, 6> kCallTypes = {"PS", "PE", "IN", "NE", "NW", "TT"};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\"";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> SplitAt(std::string_view line, std::string_view separators, bool merge) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto end = line.find_first_of(separators);
    const auto field = Trimmed(line.substr(0, end));
    if (!merge || !field.empty()) fields.push_back(field);
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

std::optional<int> Number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<seconds> ClockTime(std::string_view text) {
  const auto parts = SplitAt(text, ":", false);
  if (parts.size() != 3) return std::nullopt;
  const auto h = Number(parts[0]);
  const auto m = Number(parts[1]);
  const auto s = Number(parts[2]);
  if (!h || !m || !s || *h < 0 || *h > 47 || *m < 0 || *m > 59 || *s < 0 || *s > 59) return std::nullopt;
  return std::chrono::hours{*h} + std::chrono::minutes{*m} + seconds{*s};
}

}  // namespace

Result<std::chrono::sys_days> ReadDay(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != '-'; });
  if (digits.size() == 6) digits.insert(0, digits[0] >= '7' ? "19" : "20");
  const auto number = Number(digits);
  if (digits.size() == 8 && number) {
    const std::chrono::year_month_day day{std::chrono::year{*number / 10000},
                                          std::chrono::month{static_cast<unsigned>(*number / 100 % 100)},
                                          std::chrono::day{static_cast<unsigned>(*number % 100)}};
    if (day.ok()) return std::chrono::sys_days{day};
  }
  return InvalidArgument("DATE_MALFORMED", "'" + std::string(text) + "' is no date like 1999-02-10");
}

std::string FormatDay(std::chrono::sys_days day) {
  const std::chrono::year_month_day ymd{day};
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(static_cast<int>(ymd.year())) + "-" + two(static_cast<unsigned>(ymd.month())) + "-" +
         two(static_cast<unsigned>(ymd.day()));
}

Result<LoggedLine> ReadLogLine(std::string_view line) {
  LoggedLine out;
  auto& call = out.call;
  const auto odd = [&](const char* kind) {
    if (std::find(out.dirt.begin(), out.dirt.end(), kind) == out.dirt.end()) out.dirt.emplace_back(kind);
  };
  auto fields = SplitAt(line, "\t", false);
  if (fields.size() != kColumns) {
    fields = SplitAt(line, "\t ", true);
    odd("merged_fields");
  }
  const auto unreadable = [](const char* why) { return InvalidArgument("LINE_UNREADABLE", why); };
  if (fields.size() != kColumns) return unreadable("the line has not 17 columns");
  TRY(call.day, ReadDay(fields[5]));
  const auto entry = ClockTime(fields[6]);
  if (!entry) return unreadable("the line has no entry clock");
  if (fields[12] == "AGENT")
    call.outcome = LoggedOutcome::kAgent;
  else if (fields[12] == "HANG")
    call.outcome = LoggedOutcome::kHang;
  else if (fields[12] == "PHANTOM")
    call.outcome = LoggedOutcome::kPhantom;
  else
    return unreadable("the line has no known outcome");

  call.line = fields[0];
  call.id = fields[1];
  call.customer = fields[2] == "0" ? "" : std::string(fields[2]);
  if (call.customer.empty()) odd("missing_customer_id");
  call.priority = std::clamp(Number(fields[3]).value_or(0), 0, 2);
  call.type = fields[4];
  if (std::find(kCallTypes.begin(), kCallTypes.end(), call.type) == kCallTypes.end()) {
    odd("unknown_type");
    call.type = "PS";
  }
  if (*entry >= kDay) odd("past_midnight");
  call.entry = *entry % kDay;

  // A clock of 0:00:00 means "did not happen", unless the call came in just before midnight.
  const auto after = [&](std::string_view text, std::string_view duration) -> std::optional<seconds> {
    const auto at = ClockTime(text);
    if (!at) return std::nullopt;
    if (at->count() == 0 && Number(duration).value_or(0) == 0 && call.entry < kDay - std::chrono::hours{1})
      return std::nullopt;
    if (*at >= kDay || *at + std::chrono::hours{12} < call.entry) {
      odd("past_midnight");
      return *at % kDay + kDay;
    }
    return at;
  };
  const auto length = [&](std::string_view text, std::optional<seconds> start, std::optional<seconds> end) {
    const auto stated = Number(text);
    if (!stated) {
      odd("duration_disagrees");
      return start && end ? std::max(seconds{0}, *end - *start) : seconds{0};
    }
    if (start && end && *end - *start != seconds{*stated}) odd("duration_disagrees");
    return std::max(seconds{0}, seconds{*stated});
  };

  const auto vru_exit = after(fields[7], fields[8]);
  if (Number(fields[8]).value_or(0) < 0) {
    // The VRU's clock ran ahead of the queue's: the call was there no later than it left.
    odd("negative_vru_time");
    if (vru_exit) call.entry = *vru_exit;
  } else {
    call.vru = length(fields[8], call.entry, vru_exit);
  }
  const auto queue_start = after(fields[9], fields[11]);
  const auto queue_exit = after(fields[10], fields[11]);
  call.queued = Number(fields[11]).value_or(0) > 0 || (fields[9] != "0:00:00" && fields[9] != "00:00:00");
  if (call.queued) call.wait = length(fields[11], queue_start, queue_exit);

  const auto service_start = after(fields[13], fields[15]);
  const auto service_exit = after(fields[14], fields[15]);
  call.server = fields[16] == "NO_SERVER" ? "" : std::string(fields[16]);
  if (call.outcome == LoggedOutcome::kAgent) {
    call.service = length(fields[15], service_start, service_exit);
    if (call.server.empty()) odd("agent_without_name");
    if (!service_start || call.service.count() == 0) odd("service_without_clock");
    call.service_start = service_start.value_or(call.entry + call.vru + call.wait);
  }
  return out;
}

void LogReader::Take(std::string_view line) {
  if (Trimmed(line).empty() || line.starts_with("vru+line")) return;
  ++log_.lines;
  auto read = ReadLogLine(line);
  if (!read) {
    // Its day is unknown, so it counts wherever the file is read.
    ++log_.dirt["unreadable"];
    return;
  }
  if (one_day_ && read->call.day != day_) return;
  for (const auto& kind : read->dirt) ++log_.dirt[kind];
  log_.calls.push_back(std::move(read->call));
}

CallLog LogReader::Finish() && {
  std::stable_sort(log_.calls.begin(), log_.calls.end(), [](const LoggedCall& a, const LoggedCall& b) {
    return std::pair(a.day, a.entry) < std::pair(b.day, b.entry);
  });
  return std::move(log_);
}

Achieved WhatTheCentreAchieved(const std::vector<LoggedCall>& calls) {
  Achieved out;
  double waited_answered = 0;
  double waited_abandoned = 0;
  double served = 0;
  for (const auto& call : calls) {
    ++out.calls;
    const auto wait = static_cast<double>(call.wait.count());
    switch (call.outcome) {
      case LoggedOutcome::kAgent:
        ++out.answered;
        out.answered_within_20 += call.wait <= seconds{20} ? 1 : 0;
        waited_answered += wait;
        served += static_cast<double>(call.service.count());
        break;
      case LoggedOutcome::kHang:
        ++(call.queued ? out.abandoned_in_queue : out.left_in_vru);
        if (call.queued) waited_abandoned += wait;
        break;
      case LoggedOutcome::kPhantom:
        ++out.phantom;
        break;
    }
  }
  if (out.answered > 0) {
    out.mean_wait_answered_s = waited_answered / out.answered;
    out.mean_service_s = served / out.answered;
  }
  if (out.abandoned_in_queue > 0) out.mean_wait_abandoned_s = waited_abandoned / out.abandoned_in_queue;
  return out;
}

}  // namespace carillon::simulator
