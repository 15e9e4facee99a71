#include "base/clock.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

namespace carillon {
namespace {

using namespace std::chrono_literals;

std::string Scratch() {
  char path[] = "/tmp/carillon-clock-XXXXXX";
  const int fd = ::mkstemp(path);
  ::close(fd);
  ::unlink(path);
  return path;
}

TEST_CASE("readers of the mapped clock follow rate, pause and jump, and never see time go back",
          "[base][clock]") {
  const auto path = Scratch();
  const TimePoint start = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10};
  PacedClock pace(path, start);
  const auto clock = MakeMappedClock(path);
  CHECK(clock->Now() >= start);
  CHECK(clock->Rate() == 1);

  pace.SetRate(0);
  const auto paused = clock->Now();
  CHECK(clock->Now() == paused);

  pace.Advance(start + 8h);
  CHECK(clock->Now() >= start + 8h);
  pace.Advance(start);  // the past changes nothing
  CHECK(clock->Now() >= start + 8h);

  std::jthread pacing([&](const std::stop_token& stop) {
    for (double rate = 1; !stop.stop_requested(); rate = rate > 900 ? 0 : rate * 3 + 1) pace.SetRate(rate);
  });
  auto last = clock->Now();
  int backwards = 0;
  for (int i = 0; i < 200000; ++i) {
    const auto now = clock->Now();
    backwards += now < last ? 1 : 0;
    last = now;
  }
  CHECK(backwards == 0);
  pacing.request_stop();
  pacing.join();
  std::remove(path.c_str());
}

TEST_CASE("a clock with a limit stands still there until its pacemaker says more", "[base][clock]") {
  const auto path = Scratch();
  const TimePoint start = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10};
  PacedClock pace(path, start);
  const auto clock = MakeMappedClock(path);
  pace.SetRate(0);
  const auto limit = clock->Now() + 10s;
  pace.SetRate(1e9, limit);
  while (clock->Rate() > 0) {
  }
  CHECK(clock->Now() == limit);
  pace.SetRate(1);
  CHECK(clock->Rate() == 1);
  CHECK(clock->Now() >= limit);
  CHECK(clock->Now() < limit + 10s);
  std::remove(path.c_str());
}

TEST_CASE("a second pacemaker goes on where the first one stood", "[base][clock]") {
  const auto path = Scratch();
  const TimePoint start = std::chrono::sys_days{std::chrono::year{1999} / 2 / 10};
  {
    PacedClock(path, start).Advance(start + 3h);
  }
  CHECK(PacedClock(path, start).Now() >= start + 3h);
  std::remove(path.c_str());
}

TEST_CASE("a missing or foreign clock file is refused", "[base][clock]") {
  CHECK_THROWS_WITH(MakeMappedClock("/nonexistent/clock"), Catch::Contains("/nonexistent/clock"));
  const auto path = Scratch();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  const char junk[64] = "not a clock";
  std::fwrite(junk, sizeof junk, 1, file);
  std::fclose(file);
  CHECK_THROWS_WITH(MakeMappedClock(path), Catch::Contains("not of this version"));
  std::remove(path.c_str());
}

TEST_CASE("times are written as RFC 3339 in UTC", "[base][clock]") {
  CHECK(FormatRfc3339(std::chrono::sys_days{std::chrono::year{1999} / 2 / 10} + 7h + 2min + 3s + 45us) ==
        "1999-02-10T07:02:03.000045Z");
}

}  // namespace
}  // namespace carillon
