#include "simulator/domain/call_log.hpp"

#include <catch2/catch.hpp>

#include "simulator/domain/profile.hpp"
#include "simulator/files/lines.hpp"

namespace carillon::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

bool HasDirt(const LoggedLine& line, const std::string& kind) {
  return std::find(line.dirt.begin(), line.dirt.end(), kind) != line.dirt.end();
}

std::string Line(const std::string& queue, const std::string& end,
                 const std::string& vru = "9:00:00\t9:00:06\t6", const std::string& customer = "123",
                 const std::string& type = "PS") {
  return "AA0101\t34536\t" + customer + "\t2\t" + type + "\t990201\t" + vru + "\t" + queue + "\t" + end;
}

const std::string kWaited = "9:00:06\t9:00:26\t20";
const std::string kServed = "AGENT\t9:00:26\t9:02:26\t120\tANNA";

TEST_CASE("a clean line of the log is one call with its wait and service", "[simulator][log]") {
  const auto line = ReadLogLine(Line(kWaited, kServed));
  REQUIRE(line);
  CHECK(line->dirt.empty());
  CHECK(FormatDay(line->call.day) == "1999-02-01");
  CHECK(line->call.entry == hours{9});
  CHECK(line->call.vru == seconds{6});
  CHECK(line->call.wait == seconds{20});
  CHECK(line->call.service == minutes{2});
  CHECK(line->call.server == "ANNA");
  CHECK(line->call.outcome == LoggedOutcome::kAgent);
}

TEST_CASE("dirt is counted by kind and the call still read", "[simulator][log]") {
  SECTION("a VRU that was left before it was entered") {
    const auto line = ReadLogLine(Line(kWaited, kServed, "9:00:56\t9:00:06\t-50"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "negative_vru_time"));
    CHECK(line->call.vru == seconds{0});
    CHECK(line->call.entry == hours{9} + seconds{6});
  }
  SECTION("a service that ends after midnight") {
    const auto line = ReadLogLine(
        Line("0:00:00\t0:00:00\t0", "AGENT\t23:59:43\t0:01:28\t105\tANNA", "23:59:32\t23:59:44\t12"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "past_midnight"));
    CHECK(!HasDirt(*line, "duration_disagrees"));
    CHECK(line->call.service == seconds{105});
  }
  SECTION("hours beyond 24 are the next day's") {
    const auto line = ReadLogLine(Line(kWaited, kServed, "24:10:00\t24:10:06\t6"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "past_midnight"));
    CHECK(line->call.entry == minutes{10});
  }
  SECTION("no customer for a caller who did not wait") {
    const auto line = ReadLogLine(Line("0:00:00\t0:00:00\t0", kServed, "9:00:00\t9:00:06\t6", "0"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "missing_customer_id"));
    CHECK(line->call.customer.empty());
    CHECK_FALSE(line->call.queued);
  }
  SECTION("fields that ran together with blanks") {
    auto text = Line(kWaited, kServed);
    text.replace(text.find("\tPS\t"), 4, "  PS ");
    const auto line = ReadLogLine(text);
    REQUIRE(line);
    CHECK(HasDirt(*line, "merged_fields"));
    CHECK(line->call.type == "PS");
    CHECK(line->call.service == minutes{2});
  }
  SECTION("a duration that differs from its clocks: the duration is believed") {
    const auto line = ReadLogLine(Line(kWaited, "AGENT\t9:00:26\t9:02:26\t90\tANNA"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "duration_disagrees"));
    CHECK(line->call.service == seconds{90});
  }
  SECTION("a type nobody documented is regular business") {
    const auto line = ReadLogLine(Line(kWaited, kServed, "9:00:00\t9:00:06\t6", "1", "AA"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "unknown_type"));
    CHECK(line->call.type == "PS");
  }
  SECTION("an answered call without a name or a clock of service") {
    const auto line = ReadLogLine(Line(kWaited, "AGENT\t0:00:00\t0:00:00\t0\tNO_SERVER"));
    REQUIRE(line);
    CHECK(HasDirt(*line, "agent_without_name"));
    CHECK(HasDirt(*line, "service_without_clock"));
    CHECK(line->call.service_start == hours{9} + seconds{26});
  }
}

TEST_CASE("a line nothing can be made of is counted and skipped", "[simulator][log]") {
  CHECK(ReadLogLine("AA0101\t1\t2").error().reason == "LINE_UNREADABLE");
  CHECK(ReadLogLine(Line(kWaited, "LOST\t0:00:00\t0:00:00\t0\tX")).error().reason == "LINE_UNREADABLE");
  LogReader reader(*ReadDay("1999-02-01"));
  reader.Take("vru+line\tcall_id");
  reader.Take("nonsense");
  reader.Take(Line(kWaited, kServed));
  reader.Take(Line(kWaited, kServed, "8:00:00\t8:00:06\t6"));
  auto other = Line(kWaited, kServed);
  other.replace(other.find("990201"), 6, "990202");
  reader.Take(other);
  const auto log = std::move(reader).Finish();
  CHECK(log.lines == 4);
  CHECK(log.dirt.at("unreadable") == 1);
  REQUIRE(log.calls.size() == 2);
  CHECK(log.calls[0].entry == hours{8});
}

TEST_CASE("a day is read in both spellings and refused otherwise", "[simulator][log]") {
  CHECK(*ReadDay("990210") == *ReadDay("1999-02-10"));
  CHECK(ReadDay("1999-02-30").error().reason == "DATE_MALFORMED");
  CHECK(ReadDay("x").error().reason == "DATE_MALFORMED");
}

TEST_CASE("patience: who was answered is known to have waited, not to have given up",
          "[simulator][profile]") {
  std::vector<LoggedCall> calls;
  for (int i = 0; i < 200; ++i) {
    LoggedCall call;
    call.queued = true;
    call.wait = seconds{i % 2 == 0 ? 30 : 60};
    call.outcome = i % 2 == 0 ? LoggedOutcome::kHang : LoggedOutcome::kAgent;
    calls.push_back(call);
  }
  const auto patience = FitPatience(calls);
  CHECK(patience.ShareAt(20) == Approx(1));
  CHECK(patience.ShareAt(30) == Approx(0.5));
  CHECK(patience.ShareAt(45) == Approx(0.5));
  CHECK(patience.tail_mean_s == Approx(90));  // 9000 s waited by all, 100 gave up
  Random random(1);
  int longer = 0;
  for (int i = 0; i < 1000; ++i) {
    const double drawn = patience.Draw(random, 25);
    CHECK(drawn >= 25);
    longer += drawn > 40 ? 1 : 0;
  }
  CHECK(longer > 400);
}

TEST_CASE("an agent who pauses long works two shifts", "[simulator][profile]") {
  std::vector<LoggedCall> day(3);
  for (auto& call : day) {
    call.outcome = LoggedOutcome::kAgent;
    call.server = "A";
    call.service = seconds{60};
  }
  day[0].service_start = hours{0};
  day[1].service_start = hours{16};
  day[2].service_start = hours{17};
  const auto shifts = ShiftsOf(day);
  REQUIRE(shifts.size() == 2);
  CHECK(shifts[0] == Shift{"A", hours{0}, seconds{60}});
  CHECK(shifts[1] == Shift{"A", hours{16}, hours{17} + seconds{60}});
}

TEST_CASE("the bank's tenth of February is read whole", "[simulator][log]") {
  LogReader reader(*ReadDay("1999-02-10"));
  const auto read =
      ForEachLine("../shared/data/calls/february.txt.xz", [&](std::string_view line) { reader.Take(line); });
  if (!read && read.error().reason == "FILE_UNREADABLE") {
    WARN("skipped: ../shared/data is not here");
    SUCCEED();
    return;
  }
  REQUIRE(read);
  const auto log = std::move(reader).Finish();
  CHECK(log.lines == 33344);
  const auto real = WhatTheCentreAchieved(log.calls);
  CHECK(real.calls == 1697);
  CHECK(real.answered == 1335);
  CHECK(real.abandoned_in_queue + real.left_in_vru == 338);
  CHECK(real.phantom == 24);
  CHECK(real.mean_service_s == Approx(171.5).margin(0.1));
  CHECK(log.dirt.at("missing_customer_id") == 858);
}

}  // namespace
}  // namespace carillon::simulator
