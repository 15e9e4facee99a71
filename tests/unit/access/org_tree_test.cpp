#include "access/domain/org_tree.hpp"

#include <catch2/catch.hpp>

namespace carillon::access::domain {
namespace {

Principal At(std::string unit) {
  Principal who;
  who.unit = std::move(unit);
  return who;
}

TEST_CASE("a path is made of codes and knows its depth", "[access][org]") {
  CHECK(PathOf("", "centre") == "/centre/");
  CHECK(PathOf("/centre/", "complaints") == "/centre/complaints/");
  CHECK(DepthOf("/centre/") == 0);
  CHECK(DepthOf("/centre/complaints/team1/seat12/") == 3);
  CHECK(TopOf("/centre/complaints/team1/", 1) == "/centre/");
  CHECK(TopOf("/centre/complaints/team1/", 2) == "/centre/complaints/");
  CHECK(TopOf("/centre/", 2) == "/centre/");
}

TEST_CASE("a leader reaches the own unit and those below, not the neighbour with a longer name",
          "[access][org]") {
  CHECK(IsWithin("/centre/team1/seat2/", "/centre/team1/"));
  CHECK(IsWithin("/centre/team1/", "/centre/team1/"));
  CHECK_FALSE(IsWithin("/centre/team12/", "/centre/team1/"));
  CHECK_FALSE(IsWithin("/centre/", "/centre/team1/"));
  CHECK_FALSE(IsWithin("/centre/", ""));
}

TEST_CASE("whoever has no unit has no scope, but a service has all", "[access][org]") {
  CHECK(RequireScope(At("/centre/"), "/centre/a/"));
  CHECK(RequireScope(At("/centre/a/"), "/centre/b/").error().reason == "UNIT_OUT_OF_SCOPE");
  CHECK(RequireScope(At(""), "/centre/").error().code == Code::kPermissionDenied);
  auto service = At("");
  service.service = true;
  CHECK(RequireScope(service, "/centre/"));
}

TEST_CASE("five levels work by configuration, a sixth is refused", "[access][org]") {
  CHECK(RequireDepth("/g/company/department/group/shift/seat/", 5));
  CHECK(RequireDepth("/g/company/department/group/shift/seat/desk/", 5).error().reason == "UNIT_TOO_DEEP");
}

TEST_CASE("a unit moves with all below it", "[access][org]") {
  CHECK(MovedPath("/c/out/t1/", "/c/out/t1/", "/c/complaints/", 3).value() == "/c/complaints/t1/");
  CHECK(MovedPath("/c/", "/c/a/", "/c/a/", 3).error().reason == "UNIT_IS_ROOT");
  CHECK(MovedPath("/c/a/", "/c/a/b/", "/c/a/b/", 3).error().reason == "UNIT_CYCLE");
  CHECK(MovedPath("/c/a/", "/c/a/", "/c/a/", 3).error().reason == "UNIT_CYCLE");
  CHECK(MovedPath("/c/a/", "/c/a/t/s/", "/c/b/", 3).error().reason == "UNIT_TOO_DEEP");
  CHECK(MovedPath("/c/a/", "/c/a/t/", "/c/b/", 3).value() == "/c/b/a/");
}

}  // namespace
}  // namespace carillon::access::domain
