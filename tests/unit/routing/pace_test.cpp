#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <deque>
#include <iostream>

#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace pb = carillon::routing::v1;

TEST_CASE(
    "a thousand agents over twenty queues: a thousand decisions a second, none longer than 50 ms in a "
    "hundred") {
  Floor floor;
  floor.Skill("complaint");
  for (int q = 0; q < 20; ++q)
    floor.Queue("q" + std::to_string(q), q % 2 == 0
                                             ? std::vector<std::pair<std::string, int>>{}
                                             : std::vector<std::pair<std::string, int>>{{"complaint", 5}});
  for (int p = 0; p < 10; ++p) {
    std::vector<std::string> queues;
    for (int q = 0; q < 5; ++q) queues.push_back("q" + std::to_string((p * 2 + q) % 20));
    floor.Profile("p" + std::to_string(p), queues);
  }
  for (int a = 0; a < 1000; ++a)
    floor.Agent(std::to_string(10000 + a), "p" + std::to_string(a % 10), {{"complaint", 1 + a % 10}});
  for (int a = 0; a < 1000; ++a) floor.Ready(std::to_string(10000 + a));
  // Twice as much work as agents: half of it waits, so that each agent who gets free has to choose.
  std::deque<std::string> names;
  std::vector<double> took;
  const auto timed = [&](const auto& act) {
    const auto start = std::chrono::steady_clock::now();
    act();
    took.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  };
  int rung = 0;
  const auto ring = [&] {
    const auto name = "call " + std::to_string(++rung);
    timed([&] { floor.Ring(name, {.queue = "q" + std::to_string(rung % 20)}); });
    names.push_back(name);
  };
  for (int i = 0; i < 2000; ++i) ring();
  for (int i = 0; i < 3000; ++i) {
    const auto name = names.front();
    names.pop_front();
    if (floor.See(name).state() != pb::Interaction::RESERVED) {
      names.push_back(name);
      continue;
    }
    timed([&] { floor.Accept(name); });
    floor.HangUp(name);
    timed([&] { floor.Complete(name); });
    ring();
  }
  std::sort(took.begin(), took.end());
  double sum = 0;
  for (const double each : took) sum += each;
  const double p99 = took[took.size() * 99 / 100];
  std::cout << "routing engine: " << took.size() << " decisions, "
            << static_cast<long>(static_cast<double>(took.size()) / sum) << " a second, p99 " << p99 * 1e6
            << " us, longest " << took.back() * 1e3 << " ms\n";
  CHECK(static_cast<double>(took.size()) / sum > 1000);
  CHECK(p99 < 0.050);
}
