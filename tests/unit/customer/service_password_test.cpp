#include "customer/domain/service_password.hpp"

#include <catch2/catch.hpp>

#include "sample.hpp"

namespace carillon::customer::domain {
namespace {

TEST_CASE("three wrong tries in a row lock for a day, a right one between them does not",
          "[customer][password]") {
  Tries tries;
  tries = AfterTry(tries, false, kNoon);
  CHECK(RemainingTries(tries) == 2);
  tries = AfterTry(tries, false, kNoon);
  CHECK_FALSE(LockedUntil(tries, kNoon).has_value());
  CHECK(AfterTry(tries, true, kNoon) == Tries{});
  tries = AfterTry(tries, false, kNoon);
  CHECK(RemainingTries(tries) == 0);
  CHECK(LockedUntil(tries, kNoon + 24h - 1us) == kNoon + 24h);
  CHECK_FALSE(LockedUntil(tries, kNoon + 24h).has_value());
  const Tries afresh = AfterTry(tries, false, kNoon + 25h);
  CHECK(RemainingTries(afresh) == 2);
  CHECK_FALSE(afresh.locked_until.has_value());
}

TEST_CASE("a repeated digit or a run is too simple", "[customer][password]") {
  for (const char* simple : {"8888", "123456", "4321", "0123456789", "7"}) CHECK(IsTooSimple(simple));
  for (const char* fine : {"8889", "135790", "1235", "9021", "112233"}) CHECK_FALSE(IsTooSimple(fine));
}

}  // namespace
}  // namespace carillon::customer::domain
