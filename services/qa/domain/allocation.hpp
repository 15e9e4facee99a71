#pragma once
#include <array>

/// How many conversations each stratum gives, so that two splits are met at once (ADR 0082).
namespace carillon::qa::domain {

/// One number for each time band (PEAK, OFF_PEAK, NIGHT) and length band (LONG, SHORT, NORMAL).
using Grid = std::array<std::array<int, 3>, 3>;

/// What is wanted.
struct Wanted {
  int count = 0;                ///< in all; each split adds up to it
  std::array<int, 3> time{};    ///< PEAK, OFF_PEAK, NIGHT
  std::array<int, 3> length{};  ///< LONG, SHORT, NORMAL
  int sold = 0;                 ///< of them, at least so many that ended in a sale
};

/// How many of each stratum, at most what is there: min(count, all there are) in all. Of all such grids one
/// with, in this order, the fewest in excess of a band's number (so a band is short only when it must be),
/// room for as many sales as wanted, the fewest in excess outside NORMAL (short bands borrow there), and
/// numbers in proportion to what is there. `sold` of `there` ended in a sale. The same for the same
/// arguments, everywhere.
Grid Allocated(const Wanted& wanted, const Grid& there, const Grid& sold);

/// How many of `allocated` are taken from the sales of each stratum: in proportion rounded down, raised until
/// `wanted.sold` as far as there are.
Grid SoldPart(const Wanted& wanted, const Grid& allocated, const Grid& there, const Grid& sold);

/// `count` split by shares of 100 in whole numbers: each rounded down, what is left to the largest
/// remainders, the first of equals first. All zero when all shares are.
std::array<int, 3> Split(int count, const std::array<int, 3>& shares);

int SumOf(const Grid& grid);

}  // namespace carillon::qa::domain
