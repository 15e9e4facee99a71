#include "qa/domain/allocation.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <tuple>

namespace carillon::qa::domain {
namespace {

int Row(const Grid& grid, std::size_t row) { return std::accumulate(grid[row].begin(), grid[row].end(), 0); }
int Column(const Grid& grid, std::size_t column) {
  return grid[0][column] + grid[1][column] + grid[2][column];
}

/// What makes a grid the better one, worst first; written down apart from how Allocated finds it.
struct Judgement {
  int excess = 0, not_normal = 0, room = 0;
  std::int64_t proportion = 0;
  Judgement(const Wanted& wanted, const Grid& grid, const Grid& there, const Grid& sold) {
    for (std::size_t i = 0; i < 3; ++i) {
      excess += std::max(0, Row(grid, i) - wanted.time[i]) + std::max(0, Column(grid, i) - wanted.length[i]);
      if (i != 2) not_normal += std::max(0, Column(grid, i) - wanted.length[i]);
      for (std::size_t l = 0; l < 3; ++l) {
        room += std::min(grid[i][l], sold[i][l]);
        for (int k = 1; k <= grid[i][l]; ++k)
          proportion += (2 * k - 1) * std::int64_t{1'000'000} / there[i][l];
      }
    }
  }
};

/// Every grid of `count` units within `there`.
void EachGrid(int count, const Grid& there, const std::function<void(const Grid&)>& see) {
  Grid grid{};
  const std::function<void(std::size_t, int)> fill = [&](std::size_t cell, int left) {
    if (cell == 9) {
      if (left == 0) see(grid);
      return;
    }
    auto& units = grid[cell / 3][cell % 3];
    for (units = 0; units <= std::min(left, there[cell / 3][cell % 3]); ++units) fill(cell + 1, left - units);
    units = 0;
  };
  fill(0, count);
}

/// A random frame, and what is wanted of it.
struct Case {
  Wanted wanted;
  Grid there{}, sold{};
  explicit Case(std::mt19937& random) {
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (std::size_t t = 0; t < 3; ++t) {
      for (std::size_t l = 0; l < 3; ++l) {
        there[t][l] = below(4);
        sold[t][l] = below(there[t][l] + 1);
      }
    }
    wanted.count = 1 + below(6);
    const std::array<int, 3> time{1 + below(60), below(40), below(40)};
    const std::array<int, 3> length{below(40), below(40), 1 + below(60)};
    wanted.time = Split(wanted.count, time);
    wanted.length = Split(wanted.count, length);
    wanted.sold = std::min(wanted.count, below(4));
  }
};

TEST_CASE("both splits are met whenever any choice meets them", "[qa][allocation]") {
  std::mt19937 random(60);
  int met = 0, short_ones = 0;
  for (int round = 0; round < 1500; ++round) {
    Case c(random);
    c.wanted.sold = 0;
    const auto found = Allocated(c.wanted, c.there, c.sold);
    CHECK(SumOf(found) == std::min(c.wanted.count, SumOf(c.there)));
    bool possible = false;
    EachGrid(SumOf(found), c.there, [&](const Grid& grid) {
      bool meets = true;
      for (std::size_t i = 0; i < 3; ++i)
        meets = meets && Row(grid, i) == c.wanted.time[i] && Column(grid, i) == c.wanted.length[i];
      possible = possible || meets;
    });
    bool meets = true;
    for (std::size_t i = 0; i < 3; ++i) {
      meets = meets && Row(found, i) == c.wanted.time[i] && Column(found, i) == c.wanted.length[i];
      for (std::size_t l = 0; l < 3; ++l) CHECK(found[i][l] <= c.there[i][l]);
    }
    CAPTURE(round);
    CHECK(meets == possible);
    (meets ? met : short_ones)++;
  }
  CHECK(met > 100);
  CHECK(short_ones > 100);
}

TEST_CASE("what is found is the best there is, by looking at all", "[qa][allocation]") {
  std::mt19937 random(61);
  for (int round = 0; round < 1000; ++round) {
    Case c(random);
    c.wanted.sold = 0;
    const auto found = Allocated(c.wanted, c.there, c.sold);
    const auto key = [&](const Grid& grid) {
      const Judgement j(c.wanted, grid, c.there, c.sold);
      return std::make_tuple(j.excess, j.not_normal, j.proportion);
    };
    auto best = key(found);
    EachGrid(SumOf(found), c.there, [&](const Grid& grid) { best = std::min(best, key(grid)); });
    CAPTURE(round);
    CHECK(key(found) == best);
  }
}

TEST_CASE("sales are drawn as wanted whenever the bands leave room for them", "[qa][allocation]") {
  std::mt19937 random(62);
  int enough = 0, too_few = 0;
  for (int round = 0; round < 1500; ++round) {
    const Case c(random);
    const auto found = Allocated(c.wanted, c.there, c.sold);
    const Judgement judged(c.wanted, found, c.there, c.sold);
    auto best = std::make_pair(judged.excess, -judged.room);
    EachGrid(SumOf(found), c.there, [&](const Grid& grid) {
      const Judgement other(c.wanted, grid, c.there, c.sold);
      best = std::min(best, {other.excess, -std::min(other.room, SumOf(c.sold))});
    });
    CAPTURE(round);
    CHECK(judged.excess == best.first);
    const auto part = SoldPart(c.wanted, found, c.there, c.sold);
    for (std::size_t t = 0; t < 3; ++t) {
      for (std::size_t l = 0; l < 3; ++l) {
        CHECK(part[t][l] <= c.sold[t][l]);
        CHECK(found[t][l] - part[t][l] >= 0);
        CHECK(found[t][l] - part[t][l] <= c.there[t][l] - c.sold[t][l]);
      }
    }
    CHECK((SumOf(part) >= c.wanted.sold) == (-best.second >= c.wanted.sold));
    (SumOf(part) >= c.wanted.sold ? enough : too_few)++;
  }
  CHECK(enough > 100);
  CHECK(too_few > 20);
}

TEST_CASE("shares become whole numbers that add up", "[qa][allocation]") {
  CHECK(Split(30, {60, 20, 20}) == std::array<int, 3>{18, 6, 6});
  CHECK(Split(10, {60, 20, 20}) == std::array<int, 3>{6, 2, 2});
  CHECK(Split(31, {60, 20, 20}) == std::array<int, 3>{19, 6, 6});
  CHECK(Split(30, {60, 20, 0}) == std::array<int, 3>{23, 7, 0});
  CHECK(Split(2, {1, 1, 1}) == std::array<int, 3>{1, 1, 0});
  CHECK(Split(5, {0, 0, 0}) == std::array<int, 3>{0, 0, 0});
}

TEST_CASE("the example of the trade: 18, 6, 6 by time and 6, 6, 18 by length", "[qa][allocation]") {
  const Wanted wanted{30, {18, 6, 6}, {6, 6, 18}, 0};
  const Grid there{{{20, 20, 160}, {10, 10, 80}, {8, 8, 60}}};
  const auto grid = Allocated(wanted, there, {});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(Row(grid, i) == wanted.time[i]);
    CHECK(Column(grid, i) == wanted.length[i]);
  }
}

TEST_CASE("bands that are short borrow from normal lengths", "[qa][allocation]") {
  const Wanted wanted{10, {6, 2, 2}, {2, 2, 6}, 0};
  const Grid there{{{0, 9, 50}, {0, 9, 50}, {0, 9, 50}}};  // no long one
  const auto grid = Allocated(wanted, there, {});
  CHECK(Column(grid, 0) == 0);
  CHECK(Column(grid, 1) == 2);
  CHECK(Column(grid, 2) == 8);
  for (std::size_t i = 0; i < 3; ++i) CHECK(Row(grid, i) == wanted.time[i]);
}

}  // namespace
}  // namespace carillon::qa::domain
