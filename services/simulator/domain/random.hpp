#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace carillon::simulator {

/// Random numbers that are the same for the same seed on every machine and library (std distributions are
/// not).
///
/// A Random is cheap: make one per thing drawn with Fork, so that one more draw for a call does not change
/// the next call.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// An independent source for `label`, e.g. one call of the day.
  Random Fork(std::string_view label) const {
    std::uint64_t hash = 0xcbf29ce484222325U ^ state_;
    for (const char c : label) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    Random fork(hash);
    fork.Next();
    return fork;
  }

  /// 64 random bits (splitmix64).
  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// In (0, 1).
  double Uniform() { return (static_cast<double>(Next() >> 11U) + 0.5) / 9007199254740992.0; }
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }
  bool Chance(double share) { return Uniform() < share; }

  /// In [0, n); 0 when n is 0.
  std::size_t Index(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(Next() % n); }

  double Normal() { return std::sqrt(-2 * std::log(Uniform())) * std::cos(2 * std::numbers::pi * Uniform()); }
  double Lognormal(double mu, double sigma) { return std::exp(mu + sigma * Normal()); }
  double Exponential(double mean) { return -mean * std::log(Uniform()); }

  /// How many of something that comes `mean` times on average (Knuth for small means, normal beyond 60).
  int Poisson(double mean) {
    if (mean > 60) return std::max(0, static_cast<int>(std::lround(mean + std::sqrt(mean) * Normal())));
    const double floor = std::exp(-mean);
    double product = Uniform();
    int count = 0;
    while (product > floor) {
      product *= Uniform();
      ++count;
    }
    return count;
  }

 private:
  std::uint64_t state_;
};

}  // namespace carillon::simulator
