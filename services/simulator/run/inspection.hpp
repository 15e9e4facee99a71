#pragma once
#include <cstdint>
#include <string>

#include "simulator/run/stage.hpp"

/// The quality department: before the day it plans its samples, when the day is over and every event of it
/// has been heard, it draws and judges them.
namespace carillon::simulator {

/// Those who judge.
inline constexpr const char* kEvaluators[] = {"evaluator-1", "evaluator-2"};

/// Scorecards for service, sales and complaints (found when an earlier day made them), and a plan for the day
/// of everybody who speaks with customers; returns the plan's name. Fails with the first refusal.
Result<std::string> PlanSamples(Stage& stage, const StageSettings& settings,
                                const std::string& complaint_queue);

/// What `carillon-simulator inspect` was asked for.
struct InspectionSettings {
  std::string peers;
  rpc::Tls tls;
  std::string tenant = "bank";
  std::string secret;  ///< the passwords of the day's people are derived from it
  std::string plan;    ///< samplePlans/{uuid}
  std::uint64_t seed = 1;
  std::string json;  ///< file for what was done
};

/// Draws the plan's samples; evaluators fill the scorecards and publish them, agents acknowledge. The exit
/// code: 0 when nothing was refused.
int RunInspection(const InspectionSettings& settings);

}  // namespace carillon::simulator
