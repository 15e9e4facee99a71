#include "base/result.hpp"

#include <catch2/catch.hpp>
#include <memory>

namespace carillon {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return InvalidArgument("ODD", "The number is odd.", {{"n", "must be even"}});
  return n / 2;
}

Result<int> Quarter(int n) {
  TRY(const int half, Half(n));
  TRY(const int quarter, Half(half));
  return quarter;
}

Result<void> MustHalve(int n) {
  TRY_VOID(Half(n));
  return Ok();
}

TEST_CASE("TRY hands the value on, or the error with all its parts", "[base]") {
  CHECK(Quarter(8).value() == 2);
  const auto failed = Quarter(6);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().reason == "ODD");
  CHECK(failed.error().code == Code::kInvalidArgument);
  CHECK(failed.error().violations == std::vector<Violation>{{"n", "must be even"}});
  CHECK(MustHalve(2));
  CHECK_FALSE(MustHalve(3));
}

TEST_CASE("a result can hold what can only be moved", "[base]") {
  Result<std::unique_ptr<int>> held = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(held);
  CHECK(*taken == 7);
}

TEST_CASE("only errors a later try may not meet are transient", "[base]") {
  CHECK(IsTransient(Unavailable("DB_DOWN", "")));
  CHECK(IsTransient(Aborted("STALE", "")));
  CHECK_FALSE(IsTransient(NotFound("X", "")));
  CHECK_FALSE(IsTransient(Internal("")));
}

}  // namespace
}  // namespace carillon
