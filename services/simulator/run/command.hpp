#pragma once
#include <cstdint>
#include <string>

#include "simulator/run/stage.hpp"

namespace carillon::simulator {

/// What `carillon-simulator run` was asked for.
struct RunSettings {
  std::string peers;
  rpc::Tls tls;
  std::string clock_file;
  StageSettings stage;
  std::string calls;  ///< log to replay; empty = draw from the profile
  std::string day;    ///< of the log
  std::string profile = "deploy/local/profiles/bank-day.json";
  std::string customers;  ///< table of callers; empty = made up
  int customer_count = 2000;
  std::uint64_t seed = 1;
  double rate = 600;
  std::string window = "00:00-24:00";
  bool hour = false;   ///< the busiest hour of the day instead of `window`, and nobody is called
  int call_count = 0;  ///< about so many calls in the window instead of the profile's
  std::string json;
  std::string journal;
  std::string people;  ///< file for the logins of the day's people
  bool quiet = false;
};

/// Reads, sets up, plays, writes the result. The exit code: 0 when the day was played to its end.
int RunDay(const RunSettings& settings);

}  // namespace carillon::simulator
