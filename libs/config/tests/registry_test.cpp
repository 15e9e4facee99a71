#include "config/registry.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

namespace carillon::config {
namespace {

struct Example {
  int ttl_s = 300;
  bool strict = false;
  std::string greeting = "hello", password;
  Registry registry;
  Example() {
    registry.Int("cache.ttl_s", ttl_s, "life of an entry, seconds", 1, 3600);
    registry.Bool("strict", strict, "refuse what is odd");
    registry.String("greeting", greeting, "first words");
    registry.Secret("db.password", password, "of the database", true);
  }
};

std::string WithFile(const std::string& text) {
  char path[] = "/tmp/carillon-config-XXXXXX";
  const int fd = ::mkstemp(path);
  REQUIRE(fd >= 0);
  std::ofstream(path) << text;
  return path;
}

TEST_CASE("the environment wins over the file, the file over the default", "[config]") {
  Example e;
  const auto file = WithFile(R"({"cache": {"ttl_s": 60}, "strict": true})");
  CHECK(e.registry
            .Load("customer", file,
                  {{"CARILLON_CUSTOMER_CACHE_TTL_S", "61"},
                   {"CARILLON_CUSTOMER_DB_PASSWORD", "s3cret"},
                   {"PATH", "/bin"}})
            .empty());
  CHECK(e.ttl_s == 61);
  CHECK(e.strict);
  CHECK(e.greeting == "hello");
  CHECK(e.password == "s3cret");
  CHECK_THAT(e.registry.Print(), Catch::Contains("db.password = ***"));
  CHECK_THAT(e.registry.Print(), !Catch::Contains("s3cret"));
  std::remove(file.c_str());
}

TEST_CASE("every problem is told at once", "[config]") {
  Example e;
  const auto file = WithFile(R"({"cache": {"ttl_s": 0}, "nobody": 1, "db": {"password": "x"}})");
  const auto problems = e.registry.Load(
      "customer", file, {{"CARILLON_CUSTOMER_STRICT", "perhaps"}, {"CARILLON_CUSTOMER_TYPO", "1"}});
  std::string all;
  for (const auto& problem : problems) all += problem + "\n";
  CHECK_THAT(all, Catch::Contains("cache.ttl_s") && Catch::Contains("not between 1 and 3600"));
  CHECK_THAT(all, Catch::Contains("unknown setting nobody"));
  CHECK_THAT(all, Catch::Contains("is a secret and may not stand in"));
  CHECK_THAT(all, Catch::Contains("perhaps"));
  CHECK_THAT(all, Catch::Contains("CARILLON_CUSTOMER_TYPO"));
  CHECK_THAT(all, Catch::Contains("db.password is required"));
  CHECK(problems.size() == 6);
  std::remove(file.c_str());
}

TEST_CASE("a secret may come from a file", "[config]") {
  Example e;
  const auto secret = WithFile("from-file\n");
  CHECK(e.registry.Load("customer", "", {{"CARILLON_CUSTOMER_DB_PASSWORD_FILE", secret}}).empty());
  CHECK(e.password == "from-file");
  std::remove(secret.c_str());
}

}  // namespace
}  // namespace carillon::config
