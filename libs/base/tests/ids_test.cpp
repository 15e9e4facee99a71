#include "base/ids.hpp"

#include <catch2/catch.hpp>
#include <set>

namespace carillon {
namespace {

using namespace std::chrono_literals;

TEST_CASE("ids are UUIDv7 that sort by the time they were made", "[base][ids]") {
  const TimePoint at = std::chrono::sys_days{std::chrono::year{2024} / 5 / 1};
  std::set<std::string> seen;
  std::string last;
  for (int i = 0; i < 2000; ++i) {
    const auto id = NewId(at + i * 1ms);
    CHECK(IsUuid(id));
    CHECK(id[14] == '7');
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
    CHECK(last < id);
    seen.insert(id);
    last = id;
  }
  CHECK(seen.size() == 2000);
}

TEST_CASE("the published UUIDv7 example has our time part", "[base][ids]") {
  // RFC 9562 appendix A.6: 2022-02-22 19:22:22 UTC is 017F22E2-79B0.
  const TimePoint at = std::chrono::sys_days{std::chrono::year{2022} / 2 / 22} + 19h + 22min + 22s;
  CHECK(NewId(at).substr(0, 13) == "017f22e2-79b0");
}

TEST_CASE("a derived id is the same for the same parts and another for others", "[base][ids]") {
  CHECK(DerivedId("session", "1") == DerivedId("session", "1"));
  CHECK(DerivedId("session", "1") != DerivedId("session", "2"));
  CHECK(DerivedId("session", "1") != DerivedId("sessio", "n1"));
  CHECK(IsUuid(DerivedId("", "")));
}

TEST_CASE("a resource name gives its id, or names the field that is wrong", "[base][ids]") {
  const std::string id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  CHECK(IdOfName("customers/" + id, "customers").value() == id);
  for (const auto* bad :
       {"", "customers", "customers/", "customers/1", "orders/017f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    const auto result = IdOfName(bad, "customers", "customer.name");
    REQUIRE_FALSE(result);
    CHECK(result.error().violations.at(0).field == "customer.name");
  }
}

}  // namespace
}  // namespace carillon
