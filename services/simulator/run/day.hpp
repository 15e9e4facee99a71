#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "simulator/domain/pacemaker.hpp"
#include "simulator/run/stage.hpp"

/// A day on the stage: callers, agents, back office and switch act out a plan on the platform's public APIs
/// while the pacemaker holds the clock whenever somebody waits for an answer.
namespace carillon::simulator {

struct DaySettings {
  TimePoint midnight;  ///< business time of the day's local midnight
  Window window;       ///< part of the day that is played
  PaceRules pace;
  std::string run_id;                     ///< tells the calls of this run from those of another
  std::string journal;                    ///< file of what was done, JSON lines
  std::uint64_t seed = 1;                 ///< of what called customers do
  std::vector<Window> windows;            ///< in which campaigns dial
  int reserved_agents = 1;                ///< whom they leave alone
  std::chrono::seconds real_limit{1500};  ///< a day that takes longer than this is given up
};

/// What the simulator did and saw itself; the platform's databases are asked elsewhere.
struct DayResult {
  int calls = 0, answered = 0, abandoned = 0, self_served = 0, left_menu = 0, phantom = 0, invalid = 0;
  int answered_in_20 = 0;
  double waited_answered_s = 0, waited_abandoned_s = 0;
  int orders = 0, orders_closed = 0;
  int rung = 0, line_answered = 0, spoken = 0, left_before_agent = 0;  ///< outbound
  std::map<std::string, int> dispositions;                             ///< said by agents
  int callbacks = 0, callbacks_kept = 0;  ///< promised; rung within a minute of the promised one
  int agents = 0, agents_stuck = 0;       ///< stuck: still signed in when everybody should be gone
  int unfinished = 0;                     ///< calls that never ended
  int refused = 0;                        ///< requests the platform refused for good
  int silent = 0;                         ///< answers that were waited for in vain
  Punctuality::Lag lag;
  std::size_t work = 0;  ///< pieces of work timed
  double mean_rate = 0;
  double real_s = 0;
  TimePoint start, end;
  bool gave_up = false;
  struct Spent {
    int count = 0;
    double total_ms = 0, longest_ms = 0;
  };
  std::map<std::string, Spent> answers;  ///< real time until an answer, by what was asked or waited for
};

/// What the live line shows.
struct DayGlance {
  TimePoint now;
  int arrived = 0, waiting = 0, talking = 0, answered = 0, abandoned = 0, orders = 0, rung = 0, sold = 0;
  int ready = 0, busy = 0, signed_in = 0;
  double service_level = 1;
  double rate = 0, lag_p99_s = 0;
};

class Day {
 public:
  Day(PacedClock& clock, Stage& stage, const DayPlan& plan, const std::vector<Caller>& callers,
      DaySettings settings);
  ~Day();
  Day(const Day&) = delete;
  Day& operator=(const Day&) = delete;
  /// Plays the day; `glance` is called about once a real second.
  DayResult Run(const std::function<void(const DayGlance&)>& glance);

 private:
  class Floor;
  std::unique_ptr<Floor> floor_;
};

}  // namespace carillon::simulator
