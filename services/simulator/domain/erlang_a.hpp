#pragma once
#include "simulator/domain/plan.hpp"

/// What an Erlang-A queue makes of a day: the yardstick beside what the platform made of it.
namespace carillon::simulator {

/// The middle of many days, and the ends between which 99 of 100 of them lie.
struct Spread {
  double low = 0, middle = 0, high = 0;
};

struct ErlangDays {
  Spread offered;    ///< callers who ask for an agent
  Spread answered;   ///< of them
  Spread abandoned;  ///< share of the offered who hang up first
  Spread in_20_s;    ///< share of the offered answered within 20 s
  Spread wait_s;     ///< mean of the answered, until the agent has answered
};

/// Simulates `days` days of M/M/n+M (Garnett, Mandelbaum and Reiman 2002) with the plan's means: Poisson
/// arrivals for each half-hour and type, exponential service (ringing, talk and wrap-up) by type, exponential
/// patience of all callers alike, the plan's shifts and what each agent can serve, first come first served,
/// longest idle agent first. Menus, grades, last agents and campaigns are not in it. `days` >= 1.
ErlangDays SimulatedErlangA(const DayPlan& plan, int days, const Random& random);

}  // namespace carillon::simulator
