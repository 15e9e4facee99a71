#pragma once
#include <functional>
#include <string>
#include <vector>

#include "simulator/domain/random.hpp"
#include "simulator/run/stage.hpp"

/// What the bank sells on a day: scripts written by one person and approved by another, a do-not-call list,
/// and two campaigns whose lists overlap, so that the cap over all campaigns has something to refuse.
namespace carillon::simulator {

/// Makes the day's campaigns, for agents of `queue`, and leaves them scheduled for the first of the windows;
/// stage.campaigns says which. Those left over by a day that was cut short are cancelled. `say` is told what
/// goes on. Fails with the first refusal.
Result<void> SetUpCampaigns(Stage& stage, const StageSettings& settings, const std::string& queue,
                            const std::vector<Caller>& callers,
                            const std::function<void(const std::string&)>& say);

/// Ends them after the day: finished, evaluated by their own figures, closed. Fails with the first refusal.
Result<void> CloseCampaigns(Stage& stage);

}  // namespace carillon::simulator
