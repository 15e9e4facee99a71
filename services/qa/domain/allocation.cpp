#include "qa/domain/allocation.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

namespace carillon::qa::domain {
namespace {

// A flow of min(count, all) units from a source over a time band and a length band to a sink, a unit at a
// time along the cheapest path; all costs are convex, so each flow on the way is a cheapest one. The costs
// are so far apart that the first difference decides: a unit costs at most 10⁶ for proportion, and there are
// at most 40.
using Cost = std::int64_t;
constexpr Cost kProportion = 1'000'000;
constexpr Cost kNotNormal = 1'000'000'000;
constexpr Cost kRoomForSale = 100'000'000'000;
constexpr Cost kExcess = 10'000'000'000'000;
constexpr Cost kNever = std::numeric_limits<Cost>::max() / 4;
constexpr std::size_t kNormal = 2;

// Nodes: the source, three time bands, three length bands, the sink.
constexpr std::size_t kNodes = 8;
constexpr std::size_t kSink = 7;

class Flow {
 public:
  Flow(const Wanted& wanted, const Grid& there, const Grid& sold, bool room_for_sales)
      : wanted_(wanted), there_(there), sold_(sold), room_for_sales_(room_for_sales) {}

  /// One unit more, by the cheapest path there is.
  void Push() {
    std::array<Cost, kNodes> cost;
    cost.fill(kNever);
    std::array<std::size_t, kNodes> from{};
    cost[0] = 0;
    for (bool better = true; better;) {
      better = false;
      for (std::size_t a = 0; a < kNodes; ++a) {
        for (std::size_t b = 0; b < kNodes; ++b) {
          const Cost step = Step(a, b);
          if (cost[a] == kNever || step == kNever || cost[a] + step >= cost[b]) continue;
          cost[b] = cost[a] + step;
          from[b] = a;
          better = true;
        }
      }
    }
    for (std::size_t node = kSink; node != 0; node = from[node]) Move(from[node], node);
  }

  const Grid& cells() const { return cells_; }

 private:
  static bool IsTime(std::size_t node) { return node >= 1 && node <= 3; }
  static bool IsLength(std::size_t node) { return node >= 4 && node <= 6; }

  // Cost of unit `k` (from 1) of each kind of edge.
  Cost TimeCost(std::size_t t, int k) const { return k > wanted_.time[t] ? kExcess : 0; }
  Cost LengthCost(std::size_t l, int k) const {
    if (k <= wanted_.length[l]) return 0;
    return l == kNormal ? kExcess : kExcess + kNotNormal;
  }
  Cost CellCost(std::size_t t, std::size_t l, int k) const {
    const Cost proportion = (2 * k - 1) * kProportion / there_[t][l];
    return proportion - (room_for_sales_ && k <= sold_[t][l] ? kRoomForSale : 0);
  }

  /// What one unit more from a to b costs (one unit less from b to a counts as that); kNever when there is no
  /// way.
  Cost Step(std::size_t a, std::size_t b) const {
    if (a == 0 && IsTime(b)) return TimeCost(b - 1, times_[b - 1] + 1);
    if (b == 0 && IsTime(a)) return times_[a - 1] > 0 ? -TimeCost(a - 1, times_[a - 1]) : kNever;
    if (IsLength(a) && b == kSink) return LengthCost(a - 4, lengths_[a - 4] + 1);
    if (a == kSink && IsLength(b)) return lengths_[b - 4] > 0 ? -LengthCost(b - 4, lengths_[b - 4]) : kNever;
    if (IsTime(a) && IsLength(b)) {
      const int now = cells_[a - 1][b - 4];
      return now < there_[a - 1][b - 4] ? CellCost(a - 1, b - 4, now + 1) : kNever;
    }
    if (IsLength(a) && IsTime(b)) {
      const int now = cells_[b - 1][a - 4];
      return now > 0 ? -CellCost(b - 1, a - 4, now) : kNever;
    }
    return kNever;
  }

  void Move(std::size_t a, std::size_t b) {
    if (a == 0) ++times_[b - 1];
    if (b == 0) --times_[a - 1];
    if (b == kSink) ++lengths_[a - 4];
    if (a == kSink) --lengths_[b - 4];
    if (IsTime(a) && IsLength(b)) ++cells_[a - 1][b - 4];
    if (IsLength(a) && IsTime(b)) --cells_[b - 1][a - 4];
  }

  const Wanted& wanted_;
  const Grid& there_;
  const Grid& sold_;
  const bool room_for_sales_;
  std::array<int, 3> times_{};
  std::array<int, 3> lengths_{};
  Grid cells_{};
};

Grid Filled(const Wanted& wanted, const Grid& there, const Grid& sold, bool room_for_sales) {
  Flow flow(wanted, there, sold, room_for_sales);
  for (int unit = std::min(wanted.count, SumOf(there)); unit > 0; --unit) flow.Push();
  return flow.cells();
}

int RoomForSales(const Grid& allocated, const Grid& sold) {
  int room = 0;
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t l = 0; l < 3; ++l) room += std::min(allocated[t][l], sold[t][l]);
  }
  return room;
}

}  // namespace

Grid Allocated(const Wanted& wanted, const Grid& there, const Grid& sold) {
  const Grid plain = Filled(wanted, there, sold, false);
  return RoomForSales(plain, sold) >= wanted.sold ? plain : Filled(wanted, there, sold, true);
}

Grid SoldPart(const Wanted& wanted, const Grid& allocated, const Grid& there, const Grid& sold) {
  Grid part{};
  Grid most{};
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t l = 0; l < 3; ++l) {
      if (there[t][l] == 0) continue;
      most[t][l] = std::min(allocated[t][l], sold[t][l]);
      const int least = std::max(0, allocated[t][l] - (there[t][l] - sold[t][l]));
      part[t][l] = std::clamp(allocated[t][l] * sold[t][l] / there[t][l], least, most[t][l]);
    }
  }
  for (int missing = wanted.sold - SumOf(part); missing > 0; --missing) {
    int* fullest = nullptr;
    int left = 0;
    for (std::size_t t = 0; t < 3; ++t) {
      for (std::size_t l = 0; l < 3; ++l) {
        if (part[t][l] == most[t][l] || sold[t][l] - part[t][l] <= left) continue;
        fullest = &part[t][l];
        left = sold[t][l] - part[t][l];
      }
    }
    if (fullest == nullptr) break;
    ++*fullest;
  }
  return part;
}

std::array<int, 3> Split(int count, const std::array<int, 3>& shares) {
  const int all = std::accumulate(shares.begin(), shares.end(), 0);
  std::array<int, 3> parts{};
  if (all == 0) return parts;
  std::array<int, 3> remainders{};
  for (std::size_t i = 0; i < 3; ++i) {
    parts[i] = count * shares[i] / all;
    remainders[i] = count * shares[i] % all;
  }
  for (int left = count - std::accumulate(parts.begin(), parts.end(), 0); left > 0; --left) {
    const auto largest = std::max_element(remainders.begin(), remainders.end());
    ++parts[static_cast<std::size_t>(largest - remainders.begin())];
    *largest = -1;
  }
  return parts;
}

int SumOf(const Grid& grid) {
  int sum = 0;
  for (const auto& row : grid) sum = std::accumulate(row.begin(), row.end(), sum);
  return sum;
}

}  // namespace carillon::qa::domain
