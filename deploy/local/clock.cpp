// carillon-clock: looks at and sets the business clock that the processes of one machine share.
//
//   carillon-clock FILE create [RFC3339]   makes the file when it is missing, starting there (default: now),
//   rate 1 carillon-clock FILE show               prints the time and the rate carillon-clock FILE rate X
//   business seconds per real second from now on; 0 pauses carillon-clock FILE advance RFC3339    jumps
//   forward; a moment already past changes nothing
#include "base/clock.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// `1999-02-10T00:00:00Z`: whole seconds, UTC.
std::optional<carillon::TimePoint> ParseRfc3339(const std::string& text) {
  std::tm fields{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  return carillon::TimePoint{std::chrono::seconds{::timegm(&fields)}};
}

carillon::TimePoint Moment(const std::string& text) {
  const auto at = ParseRfc3339(text);
  if (!at) throw std::runtime_error("not a moment like 1999-02-10T00:00:00Z: " + text);
  return *at;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto is = [&](const char* verb, std::size_t size) {
    return arguments.size() == size && arguments[1] == verb;
  };
  if (is("create", 2)) {
    const carillon::PacedClock clock(arguments[0], carillon::RealNow());
  } else if (is("create", 3)) {
    const carillon::PacedClock clock(arguments[0], Moment(arguments[2]));
  } else if (is("show", 2)) {
    const auto clock = carillon::MakeMappedClock(arguments[0]);
    std::printf("%s rate %g\n", carillon::FormatRfc3339(clock->Now()).c_str(), clock->Rate());
  } else if (is("rate", 3) || is("advance", 3)) {
    carillon::MakeMappedClock(arguments[0]);  // it must be there: PacedClock would make it
    carillon::PacedClock clock(arguments[0], carillon::RealNow());
    if (arguments[1] == "advance") {
      clock.Advance(Moment(arguments[2]));
    } else {
      char* end = nullptr;
      const double rate = std::strtod(arguments[2].c_str(), &end);
      if (*end != '\0' || !(rate >= 0 && rate <= 10'000)) throw std::runtime_error("a rate is 0 to 10000");
      clock.SetRate(rate);
    }
  } else {
    std::fprintf(stderr, "usage: carillon-clock FILE create [RFC3339] | show | rate X | advance RFC3339\n");
    return 2;
  }
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "carillon-clock: %s\n", e.what());
  return 1;
}
