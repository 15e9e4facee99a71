#include "campaign/domain/grant.hpp"

#include <catch2/catch.hpp>

namespace carillon::campaign::domain {
namespace {

/// Agents handed out one by one, as a person would.
int ByHand(Agents agents) {
  int granted = 0;
  while (agents.ready > agents.reserved + agents.looking) {
    --agents.ready;
    ++granted;
  }
  return granted;
}

TEST_CASE("a grant is one call for each agent who is free, reserve and calls in the air left out") {
  int cases = 0;
  for (int ready = 0; ready <= 12; ++ready)
    for (int reserved = 0; reserved <= 12; ++reserved)
      for (int looking = 0; looking <= 12; ++looking) {
        REQUIRE(Grant({ready, reserved, looking}) == ByHand({ready, reserved, looking}));
        ++cases;
      }
  CHECK(cases == 13 * 13 * 13);
}

TEST_CASE("promised calls keep their agents: the others get what is left") {
  CHECK(GrantBesideCallbacks(5, 0, 0) == 5);
  CHECK(GrantBesideCallbacks(5, 0, 2) == 3);  // two are due within the minute
  CHECK(GrantBesideCallbacks(5, 2, 2) == 3);  // and were leased
  CHECK(GrantBesideCallbacks(5, 2, 4) == 1);  // two more are to come
  CHECK(GrantBesideCallbacks(5, 5, 9) == 0);
  for (int grant = 0; grant <= 8; ++grant)
    for (int taken = 0; taken <= grant; ++taken)
      for (int due = 0; due <= 12; ++due) {
        const int rest = GrantBesideCallbacks(grant, taken, due);
        REQUIRE(rest >= 0);
        REQUIRE(taken + rest <= grant);
        if (rest > 0) REQUIRE(rest + due <= grant);
      }
}

}  // namespace
}  // namespace carillon::campaign::domain
