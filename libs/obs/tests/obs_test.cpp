#include <catch2/catch.hpp>

#include "obs/log.hpp"
#include "obs/metrics.hpp"

namespace carillon::obs {
namespace {

TEST_CASE("trace contexts are W3C version 00 and fresh each time", "[obs]") {
  const auto one = NewTraceparent();
  CHECK(IsTraceparent(one));
  CHECK(one != NewTraceparent());
  CHECK(IsTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));  // the W3C example
  CHECK_FALSE(IsTraceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  CHECK_FALSE(IsTraceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  CHECK_FALSE(IsTraceparent(""));
}

TEST_CASE("a metric asked for twice is the same metric", "[obs]") {
  const auto first = CounterOf("carillon_test_things_total", "things", {{"kind", "a"}});
  const auto second = CounterOf("carillon_test_things_total", "things", {{"kind", "a"}});
  first.Add();
  second.Add(2);
  const MetricsEndpoint endpoint("127.0.0.1:0");
  CHECK_THROWS_WITH(MetricsEndpoint("127.0.0.1:notaport"), Catch::Contains("127.0.0.1:notaport"));
}

TEST_CASE("an unknown level name is info", "[obs]") {
  CHECK(LevelOf("debug") == Level::kDebug);
  CHECK(LevelOf("loud") == Level::kInfo);
}

}  // namespace
}  // namespace carillon::obs
