#include "runtime/executor.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <map>

namespace carillon::runtime {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an executor refuses work past its limit and finishes what it took", "[runtime]") {
  std::atomic<int> done{0};
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  int taken = 0;
  {
    Executor executor("test", 1, 4);
    for (int i = 0; i < 20; ++i)
      taken += executor.Submit([&done, opened] {
        opened.wait();
        ++done;
      })
                   ? 1
                   : 0;
    CHECK(taken >= 4);
    CHECK(taken <= 5);
    gate.set_value();
  }
  CHECK(done == taken);
}

TEST_CASE("work of one key runs in order, one at a time, also when it must be run again", "[runtime]") {
  std::mutex mutex;
  std::map<std::string, std::vector<int>> seen;
  std::map<std::string, int> failures;
  std::atomic<bool> overlapped{false};
  std::map<std::string, std::atomic<bool>> busy;
  for (const auto* key : {"a", "b", "c"}) busy[key] = false;
  std::atomic<int> left{300};
  std::promise<void> finished;
  {
    KeyedExecutor executor("test", 4);
    for (int i = 0; i < 100; ++i)
      for (const std::string key : {"a", "b", "c"})
        executor.Submit(key, [&, key, i]() -> std::chrono::milliseconds {
          if (busy.at(key).exchange(true)) overlapped = true;
          {
            const std::lock_guard lock(mutex);
            if (i % 10 == 3 && failures[key + std::to_string(i)]++ == 0) {
              busy.at(key) = false;
              return 1ms;
            }
            seen[key].push_back(i);
          }
          busy.at(key) = false;
          if (--left == 0) finished.set_value();
          return 0ms;
        });
    REQUIRE(finished.get_future().wait_for(20s) == std::future_status::ready);
  }
  CHECK_FALSE(overlapped);
  for (const auto& [key, order] : seen) {
    CHECK(order.size() == 100);
    CHECK(std::ranges::is_sorted(order));
  }
}

TEST_CASE("work that waits lets the earlier work of its key go first, also when that came while it ran",
          "[runtime]") {
  KeyedExecutor executor("test", 2);
  std::promise<void> running;
  std::promise<void> submitted;
  std::promise<std::string> finished;
  std::string order;
  bool first_try = true;
  executor.Submit(
      "key",
      [&]() -> std::chrono::milliseconds {
        if (first_try) {
          first_try = false;
          running.set_value();
          submitted.get_future().wait();
        }
        if (order.empty()) return 1ms;  // not before the earlier one
        finished.set_value(order + "2");
        return 0ms;
      },
      2);
  running.get_future().wait();
  executor.Submit(
      "key",
      [&]() -> std::chrono::milliseconds {
        order += "1";
        return 0ms;
      },
      1);
  submitted.set_value();
  auto result = finished.get_future();
  REQUIRE(result.wait_for(20s) == std::future_status::ready);
  CHECK(result.get() == "12");
}

TEST_CASE("work that waits for an earlier piece lets it go first, also when that came later", "[runtime]") {
  std::atomic<bool> first_done{false};
  std::promise<void> finished;
  KeyedExecutor executor("test", 2);
  std::atomic<bool> handed_over{false};
  executor.Submit(
      "call",
      [&]() -> std::chrono::milliseconds {
        if (!handed_over.exchange(true))
          executor.Submit(
              "call",
              [&] {
                first_done = true;
                return 0ms;
              },
              1);
        if (!first_done) return 1ms;
        finished.set_value();
        return 0ms;
      },
      2);
  REQUIRE(finished.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(first_done);
}

TEST_CASE("periodic work runs at once when woken and ends with its owner", "[runtime]") {
  std::promise<void> ran;
  std::atomic<bool> once{false};
  Periodic periodic("test", 1h, [&] {
    if (!once.exchange(true)) ran.set_value();
  });
  periodic.Wake();
  CHECK(ran.get_future().wait_for(20s) == std::future_status::ready);
}

TEST_CASE("start-up is undone in reverse order", "[runtime]") {
  std::vector<int> order;
  {
    UndoStack undo;
    undo.Push("one", [&] { order.push_back(1); });
    undo.Push("two", [&] { order.push_back(2); });
  }
  CHECK(order == std::vector{2, 1});
}

}  // namespace
}  // namespace carillon::runtime
