#include "access/domain/password.hpp"

#include <catch2/catch.hpp>

namespace carillon::access::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kNoon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h;
constexpr LockPolicy kPolicy{5, std::chrono::minutes(30)};

std::vector<std::string> Problems(std::string_view password, std::string_view login = "1023",
                                  std::string_view number = "") {
  const auto result = CheckPassword(password, login, number, "password");
  std::vector<std::string> out;
  if (!result) {
    CHECK(result.error().reason == "PASSWORD_POLICY");
    for (const auto& violation : result.error().violations) {
      CHECK(violation.field == "password");
      out.push_back(violation.description);
    }
  }
  return out;
}

TEST_CASE("a password of twelve characters is good, of eleven it is not", "[access][password]") {
  CHECK(Problems("correct hors").empty());
  CHECK(Problems("correct hor") == std::vector<std::string>{"must have at least 12 characters"});
}

TEST_CASE("characters are counted, not bytes", "[access][password]") {
  CHECK(Problems("客服中心的密码要有十二个字").empty());
  CHECK(Problems("客服中心密码").size() == 1);
  CHECK(Problems(std::string(129, 'a') + "bcde").size() == 1);
}

TEST_CASE("a password is not the login, the agent number, or one letter again and again",
          "[access][password]") {
  CHECK(Problems("xx-WangFang-2026", "wangfang") == std::vector<std::string>{"must not hold the login"});
  CHECK(Problems("seat 300715 ok", "lee", "300715") ==
        std::vector<std::string>{"must not hold the agent number"});
  CHECK(Problems("aaaaaaaaaaaaaa") == std::vector<std::string>{"must have at least 5 different characters"});
  CHECK(Problems(std::string("tab\tinside it")) ==
        std::vector<std::string>{"must not hold control characters"});
}

TEST_CASE("five wrong passwords in a row lock for thirty minutes", "[access][password]") {
  Tries tries;
  for (int i = 1; i <= 4; ++i) {
    tries = AfterWrongPassword(tries, kNoon, kPolicy);
    CHECK(tries.failures == i);
    CHECK_FALSE(IsLocked(tries, kNoon));
  }
  tries = AfterWrongPassword(tries, kNoon, kPolicy);
  CHECK(IsLocked(tries, kNoon));
  CHECK(IsLocked(tries, kNoon + 30min - 1us));
  CHECK_FALSE(IsLocked(tries, kNoon + 30min));
}

TEST_CASE("after a lock the count begins anew", "[access][password]") {
  Tries tries{5, kNoon};
  tries = AfterWrongPassword(tries, kNoon + 1s, kPolicy);
  CHECK(tries == Tries{1, std::nullopt});
}

}  // namespace
}  // namespace carillon::access::domain
