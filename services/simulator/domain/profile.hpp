#pragma once
#include <map>
#include <string>
#include <vector>

#include "simulator/domain/call_log.hpp"
#include "simulator/domain/random.hpp"

/// A day's figures without its calls: how many come when and for what, how long they are served, how long
/// they wait. Fitted from a log; a day can be drawn from it by a seed.
namespace carillon::simulator {

/// How long people wait before they hang up: the share still waiting at given seconds (Kaplan and Meier, an
/// answered call is censored at its wait), log-linear between, exponential after the last.
struct Patience {
  std::vector<std::pair<double, double>> still_waiting;  ///< (seconds, share), seconds rising, share falling
  double tail_mean_s = 600;                              ///< of those who outlast the table

  double ShareAt(double waited_s) const;
  /// The wait after which the share still waiting is `share`.
  double SecondsAt(double share) const;
  /// The patience of a caller who is known to have waited `at_least_s`.
  double Draw(Random& random, double at_least_s = 0) const;
};

Patience FitPatience(const std::vector<LoggedCall>& calls);

struct ServiceFit {
  double mu = 4.7;     ///< lognormal over seconds
  double sigma = 1.0;  ///< lognormal
  double mean_s = 0;   ///< of the data, to compare with
  int calls = 0;
};

/// One stretch of an agent's day, seconds from local midnight; `out` may pass 86400.
struct Shift {
  std::string agent;
  seconds in{0};
  seconds out{0};
  bool operator==(const Shift&) const = default;
};

struct Profile {
  std::string name;
  std::string source;
  std::string derived_from;  ///< which days, how many calls
  double calls_per_day = 0;
  std::vector<std::map<std::string, double>> arrivals;  ///< 48 half-hours, mean calls by type
  std::map<std::string, ServiceFit> service;            ///< by type
  Patience patience;
  double vru_mean_s = 10;        ///< to reach an agent
  double phantom_share = 0;      ///< of all calls
  double left_in_vru_share = 0;  ///< hung up in the menu, of all calls
  double self_served_share = 0;  ///< ended in the VRU after use of it, of all calls
  double identified_share = 0;   ///< of calls that waited: the caller is a known customer
  std::vector<Shift> shifts;     ///< of the most ordinary day, agents numbered
};

/// Fits the ordinary days of `calls` (those with at least half the calls of a busy one).
/// FAILED_PRECONDITION LOG_TOO_SMALL when there are fewer than 100 calls.
Result<Profile> FitProfile(const std::vector<LoggedCall>& calls, std::string name);

/// Who left the VRU this long after entry without asking for a person had used it.
inline constexpr seconds kSelfServedFrom{25};

/// The stretches in which each server of one day's calls took calls: a pause over `kShiftGap` ends one.
std::vector<Shift> ShiftsOf(const std::vector<LoggedCall>& day);
inline constexpr seconds kShiftGap = std::chrono::minutes{90};

}  // namespace carillon::simulator
