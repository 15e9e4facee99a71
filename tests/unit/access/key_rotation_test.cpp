#include "access/domain/key_rotation.hpp"

#include <catch2/catch.hpp>
#include <set>

namespace carillon::access::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
const RotationPolicy kPolicy{24h * 30, 10min, 31min};

TEST_CASE("the first key signs at once", "[access][keys]") {
  const auto plan = PlanRotation({}, kStart, kPolicy);
  CHECK(plan.make);
  CHECK(plan.active_from == kStart);
}

TEST_CASE("the next key is published before it signs, and made once", "[access][keys]") {
  std::vector<KeyTimes> keys{{"a", kStart, kStart}};
  const auto due = kStart + 24h * 30 - 10min;
  CHECK_FALSE(PlanRotation(keys, due - 1s, kPolicy).make);
  const auto plan = PlanRotation(keys, due, kPolicy);
  CHECK(plan.make);
  CHECK(plan.active_from == due + 10min);
  keys.push_back({"b", due, plan.active_from});
  CHECK_FALSE(PlanRotation(keys, due + 1s, kPolicy).make);
  CHECK(ActiveKey(keys, due + 1s) == "a");
  CHECK(ActiveKey(keys, plan.active_from) == "b");
}

TEST_CASE("a key verifies until the last token it signed has expired", "[access][keys]") {
  const std::vector<KeyTimes> keys{{"a", kStart, kStart}, {"b", kStart, kStart + 24h}};
  CHECK(PlanRotation(keys, kStart + 24h + 31min, kPolicy).removed.empty());
  CHECK(PlanRotation(keys, kStart + 24h + 32min, kPolicy).removed == std::vector<std::string>{"a"});
}

TEST_CASE("in a year of rotation there is always a key, and no verifier meets one it could not know",
          "[access][keys]") {
  std::vector<KeyTimes> keys;
  std::set<std::string> published;  // as of five minutes ago
  int made = 0;
  for (auto now = kStart; now < kStart + 24h * 365; now += 5min) {
    const auto plan = PlanRotation(keys, now, kPolicy);
    for (const auto& kid : plan.removed)
      std::erase_if(keys, [&](const KeyTimes& key) { return key.kid == kid; });
    if (plan.make) keys.push_back({std::to_string(++made), now, plan.active_from});
    const auto active = ActiveKey(keys, now);
    REQUIRE_FALSE(active.empty());
    if (now > kStart) REQUIRE(published.contains(active));
    published.clear();
    for (const auto& key : keys) published.insert(key.kid);
    REQUIRE(keys.size() <= 3);
  }
  CHECK(made == 13);
}

}  // namespace
}  // namespace carillon::access::domain
