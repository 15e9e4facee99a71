#include "redis/client.hpp"

#include <atomic>
#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "server.hpp"

namespace carillon::redis {
namespace {

std::string AKey() { return "test:" + NewId(RealNow()); }

TEST_CASE("an address is read from a URL, a bad one is refused without showing the password", "[redis]") {
  const auto address = Address::Parse("redis://:p%40ss@10.0.0.7:16379/3");
  REQUIRE(address);
  CHECK(address->host == "10.0.0.7");
  CHECK(address->port == 16379);
  CHECK(address->password == "p@ss");
  CHECK(address->database == 3);
  CHECK(Address::Parse("redis://localhost")->port == 6379);
  for (const char* bad :
       {"", "localhost:6379", "redis://", "redis://:x@", "redis://h:0", "redis://h:port", "redis://h/x"}) {
    INFO(bad);
    CHECK_FALSE(Address::Parse(bad).has_value());
  }
}

TEST_CASE("values are set, read, replaced when equal, and deleted", "[redis]") {
  Client client(FixtureAddress());
  const std::string key = AKey();
  const std::string odd("\0\r\n\xFF", 4);
  REQUIRE(client.Get(key, In(2000)));
  CHECK_FALSE(client.Get(key, In(2000))->has_value());
  REQUIRE(client.Set(key, odd, Millis{60'000}, In(2000)));
  CHECK(client.Get(key, In(2000))->value() == odd);
  CHECK_FALSE(*client.SetIfAbsent(key, "x", Millis{60'000}, In(2000)));
  CHECK_FALSE(*client.SetIfEqual(key, "other", "x", Millis{60'000}, In(2000)));
  CHECK(*client.SetIfEqual(key, odd, "x", Millis{60'000}, In(2000)));
  CHECK(client.Get(key, In(2000))->value() == "x");
  const auto ttl = client.Command({"PTTL", key}, In(2000));
  CHECK((ttl->integer > 50'000 && ttl->integer <= 60'000));
  CHECK(*client.Delete(key, In(2000)));
  CHECK_FALSE(*client.Delete(key, In(2000)));
  CHECK(*client.SetIfAbsent(key, "y", Millis{60'000}, In(2000)));
  CHECK(*client.Delete(key, In(2000)));
}

TEST_CASE("a command that the server refuses is an error, and the connection lives on", "[redis]") {
  Client client(FixtureAddress(), 1);
  const std::string key = AKey();
  REQUIRE(client.Set(key, "text", Millis{60'000}, In(2000)));
  const auto wrong = client.Command({"HGET", key, "field"}, In(2000));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::kInternal);
  CHECK(client.Get(key, In(2000))->value() == "text");
}

TEST_CASE("a window lets its limit through and tells when the next may come", "[redis]") {
  Client client(FixtureAddress());
  const std::string key = AKey();
  for (int i = 1; i <= 3; ++i) {
    const auto window = client.Count(key, 3, Millis{60'000}, In(2000));
    REQUIRE(window);
    CHECK(window->allowed);
    CHECK(window->count == i);
  }
  const auto refused = client.Count(key, 3, Millis{60'000}, In(2000));
  REQUIRE(refused);
  CHECK_FALSE(refused->allowed);
  CHECK(refused->count == 3);
  CHECK((refused->retry_after > Millis{0} && refused->retry_after <= Millis{60'000}));
}

TEST_CASE("a hundred threads share four connections", "[redis]") {
  Client client(FixtureAddress(), 4);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  const std::string base = AKey();
  for (int t = 0; t < 100; ++t) {
    threads.emplace_back([&, t] {
      const std::string key = base + std::to_string(t);
      for (int i = 0; i < 20; ++i) {
        const std::string value = std::to_string(t * 1000 + i);
        if (!client.Set(key, value, Millis{60'000}, In(20'000))) ++wrong;
        const auto got = client.Get(key, In(20'000));
        if (!got || *got != value) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a server that hangs costs no more than the deadline, one that is gone is told apart", "[redis]") {
  OwnServer server;
  Client client(server.address(), 2);
  REQUIRE(client.Set("k", "v", Millis{60'000}, In(2000)));
  server.Hang();
  const auto before = std::chrono::steady_clock::now();
  const auto hung = client.Get("k", In(100));
  const auto took = std::chrono::steady_clock::now() - before;
  REQUIRE_FALSE(hung);
  CHECK(hung.error().code == Code::kUnavailable);
  CHECK(hung.error().reason == "REDIS_UNREACHABLE");
  CHECK((took >= Millis{95} && took < Millis{1500}));
  server.GoOn();
  CHECK(client.Get("k", In(5000))->value() == "v");  // not the late answer of the call before

  server.Kill();
  const auto dead = client.Get("k", In(2000));
  REQUIRE_FALSE(dead);
  CHECK(dead.error().reason == "REDIS_DOWN");
  server.Start();
  CHECK(client.Get("k", In(5000))->value() == "v");
  CHECK(client.Set("k", "w", Millis{60'000}, In(2000)));
}

TEST_CASE("when every connection is taken the next caller waits no longer than its deadline", "[redis]") {
  OwnServer server;
  Client client(server.address(), 1);
  REQUIRE(client.Ping(In(2000)));
  server.Hang();
  std::thread holder([&] { CHECK_FALSE(client.Ping(In(1000))); });
  while (true) {
    const auto reply = client.Ping(In(20));
    REQUIRE_FALSE(reply);
    if (reply.error().reason == "REDIS_BUSY") break;
  }
  holder.join();
  server.GoOn();
}

TEST_CASE("a wrong password cuts off at once, and for as long as it is wrong", "[redis]") {
  OwnServer server;
  Address address = server.address();
  address.password = "wrong";
  Client client(address);
  const auto refused = client.Ping(In(1000));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(refused.error().reason == "REDIS_PASSWORD_REFUSED");
}

}  // namespace
}  // namespace carillon::redis
