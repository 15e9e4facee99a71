#include "redis/cache.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <random>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "server.hpp"

namespace carillon::redis {
namespace {

/// A machine with other work on it must not look like a server that hangs.
const Cache::Settings kPatient{.patience = Millis{5'000}};

std::string APrefix() { return "test:" + NewId(RealNow()) + ":"; }

TEST_CASE("a miss gives a lease, a fill with it is read back", "[redis][cache]") {
  Client client(FixtureAddress());
  Cache cache(client, APrefix(), kPatient);
  const auto miss = cache.Get("k", In(2000));
  CHECK_FALSE(miss.hit);
  REQUIRE_FALSE(miss.lease.empty());
  CHECK(cache.Get("k", In(2000)).lease.empty());  // somebody else is about to fill
  cache.Fill("k", miss.lease, "value", In(2000));
  const auto hit = cache.Get("k", In(2000));
  CHECK(hit.hit);
  CHECK(hit.value == "value");
}

TEST_CASE("a look-up is one command, whatever is there", "[redis][cache]") {
  OwnServer server;
  Client client(server.address(), 1);
  Cache cache(client, "p:", kPatient);
  const auto counted = [&] {
    const auto stats = client.Command({"INFO", "stats"}, In(2000)).value().text;
    constexpr std::string_view kName = "total_commands_processed:";
    return std::stol(stats.substr(stats.find(kName) + kName.size()));
  };
  const auto commands = [&](const std::function<void()>& work) {
    const auto first = counted();
    const auto idle = counted() - first;
    const auto before = counted();
    work();
    return counted() - before - idle;
  };
  std::string lease;
  CHECK(commands([&] { lease = cache.Get("k", In(2000)).lease; }) == 1);
  CHECK_FALSE(lease.empty());
  CHECK(commands([&] { CHECK(cache.Get("k", In(2000)).lease.empty()); }) == 1);
  cache.Fill("k", lease, "value", In(2000));
  CHECK(commands([&] { CHECK(cache.Get("k", In(2000)).value == "value"); }) == 1);
  REQUIRE(cache.MarkBusy({"k"}, In(2000)));
  CHECK(commands([&] { CHECK_FALSE(cache.Get("k", In(2000)).hit); }) == 1);
  // A mark that is refused is no error of the server: the next look-up asks it again.
  CHECK(commands([&] { CHECK_FALSE(cache.Get("other", In(2000)).lease.empty()); }) == 1);
}

TEST_CASE("a reader that began before a write does not fill after it", "[redis][cache]") {
  Client client(FixtureAddress());
  Cache cache(client, APrefix(), kPatient);
  const auto early = cache.Get("k", In(2000));
  const auto mark = cache.MarkBusy({"k", "k", "other"}, In(2000));
  REQUIRE(mark);
  CHECK(mark->keys.size() == 2);
  SECTION("while the writer is at it") {
    cache.Fill("k", early.lease, "old", In(2000));
    const auto found = cache.Get("k", In(2000));
    CHECK_FALSE(found.hit);
    CHECK(found.lease.empty());
  }
  SECTION("nor when it is done") {
    cache.Release(*mark, In(2000));
    cache.Fill("k", early.lease, "old", In(2000));
    const auto found = cache.Get("k", In(2000));
    CHECK_FALSE(found.hit);
    CHECK_FALSE(found.lease.empty());
  }
}

TEST_CASE("one writer's release leaves another's mark", "[redis][cache]") {
  Client client(FixtureAddress());
  Cache cache(client, APrefix(), kPatient);
  const auto first = cache.MarkBusy({"k"}, In(2000));
  const auto second = cache.MarkBusy({"k"}, In(2000));
  REQUIRE(first);
  REQUIRE(second);
  cache.Release(*second, In(2000));
  CHECK(cache.Get("k", In(2000)).lease.empty());
  cache.Release(*first, In(2000));
  CHECK_FALSE(cache.Get("k", In(2000)).lease.empty());
}

TEST_CASE("a value left in a server that died is not believed when it is back", "[redis][cache]") {
  OwnServer server;
  Client client(server.address());
  Cache cache(client, "p:", {.patience = Millis{5'000}, .rest = Millis{0}});
  cache.Fill("k", cache.Get("k", In(2000)).lease, "old", In(2000));
  REQUIRE(cache.Get("k", In(2000)).hit);
  server.Kill();
  CHECK_FALSE(cache.Get("k", In(2000)).hit);
  const auto mark = cache.MarkBusy({"k"}, In(2000));  // nothing listens: the write goes on
  CHECK(mark);
  cache.Release(*mark, In(2000));
  server.Start();
  CHECK_FALSE(cache.Get("k", In(2000)).hit);
}

TEST_CASE("a write is refused while the cache can not be told of it", "[redis][cache]") {
  OwnServer server;
  Client client(server.address());
  Cache cache(client, "p:", {.patience = Millis{5'000}, .rest = Millis{0}});
  cache.Fill("k", cache.Get("k", In(2000)).lease, "old", In(2000));
  server.Hang();
  const auto mark = cache.MarkBusy({"k"}, In(100));
  REQUIRE_FALSE(mark);
  CHECK(mark.error().code == Code::kUnavailable);
  server.GoOn();
}

TEST_CASE("after an error readers leave the server alone for a while", "[redis][cache]") {
  OwnServer server;
  Client client(server.address());
  Cache cache(client, "p:", {.patience = Millis{100}, .rest = Millis{60'000}});
  server.Hang();
  CHECK(cache.Get("k", In(2000)).lease.empty());
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) CHECK(cache.Get("k", In(2000)).lease.empty());
  CHECK(std::chrono::steady_clock::now() - before < Millis{90});
  server.GoOn();
}

TEST_CASE("readers and writers at once: no acknowledged write is ever missed", "[redis][cache]") {
  Client client(FixtureAddress(), 16);
  Cache cache(client, APrefix(), kPatient);
  constexpr std::size_t kKeys = 3;
  // The store: a value a key, and what of it was acknowledged.
  std::array<std::atomic<long>, kKeys> store{};
  std::array<std::atomic<long>, kKeys> acknowledged{};
  std::array<std::mutex, kKeys> row;
  std::atomic<long> stale{0};
  std::atomic<long> hits{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(t + 1);
      for (int i = 0; i < 300; ++i) {
        const std::size_t k = random() % kKeys;
        const auto mark = cache.MarkBusy({std::to_string(k)}, In(20'000));
        if (!mark) continue;
        long value = 0;
        {
          const std::lock_guard lock(row[k]);
          value = store[k] + 1;
          if (random() % 2 == 0) std::this_thread::yield();
          store[k] = value;
        }
        cache.Release(*mark, In(20'000));
        long seen = acknowledged[k];
        while (seen < value && !acknowledged[k].compare_exchange_weak(seen, value)) {
        }
      }
      stop = true;
    });
  }
  for (unsigned t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(100 + t);
      while (!stop) {
        const std::size_t k = random() % kKeys;
        const long least = acknowledged[k];
        const auto found = cache.Get(std::to_string(k), In(20'000));
        long value = 0;
        if (found.hit) {
          ++hits;
          value = std::stol(found.value);
        } else {
          value = store[k];
          if (random() % 3 == 0) std::this_thread::yield();
          cache.Fill(std::to_string(k), found.lease, std::to_string(value), In(20'000));
        }
        if (value < least) ++stale;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(stale == 0);
  CHECK(hits > 0);
}

}  // namespace
}  // namespace carillon::redis
