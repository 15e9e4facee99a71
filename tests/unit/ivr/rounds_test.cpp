#include "ivr/api/rounds.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace carillon::ivr {
namespace {

TEST_CASE("whoever waits is carried once, by one round at a time of each key", "[ivr][unit]") {
  struct Load {
    int carried = 0;
  };
  Rounds<Load> rounds;
  std::atomic<int> running[2] = {0, 0}, together = 0, items = 0, most = 0;
  constexpr int kThreads = 80, kTimes = 50;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kTimes; ++i) {
          Load mine;
          rounds.Join(t % 2 == 0 ? "even" : "odd", mine, [&](const std::vector<Load*>& taken) {
            if (++running[t % 2] > 1) ++together;
            std::this_thread::yield();
            for (Load* const each : taken) ++each->carried;
            items += static_cast<int>(taken.size());
            most = std::max(most.load(), static_cast<int>(taken.size()));
            --running[t % 2];
          });
          if (mine.carried != 1) ++together;
        }
      });
    }
  }
  CHECK(together == 0);
  CHECK(items == kThreads * kTimes);
  CHECK(most <= 64);
  Load alone;
  int size = 0;
  rounds.Join("even", alone, [&](const std::vector<Load*>& taken) { size = static_cast<int>(taken.size()); });
  CHECK(size == 1);
}

}  // namespace
}  // namespace carillon::ivr
