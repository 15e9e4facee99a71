#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/qa/v1/qa.pb.h"

/// The draw (ADR 0082): a function of a plan, an agent's conversations and a seed, the same on any machine.
namespace carillon::qa::domain {

namespace pb = carillon::qa::v1;

/// What was drawn for an agent.
struct Sample {
  pb::SamplePlan::AgentQuota quota;  ///< with what was drawn, and what is short and why; draw_time is not set
  std::vector<pb::Evaluation> chosen;  ///< of the frame, with stratum and inclusion probability; latest last
};

/// Draws `quota.planned` conversations of `frame` (all of one agent; interaction, talk, sold, direction and
/// bands set). `plan` has its defaults. Each stratum's conversations are ordered by DrawKey(plan.seed,
/// interaction), the first ones are drawn: so each of a stratum is as likely as any other, over all seeds.
Sample Drawn(const pb::SamplePlan& plan, const pb::SamplePlan::AgentQuota& quota,
             const std::vector<pb::Evaluation>& frame);

/// The order of the draw: each byte of `seed`, '/', and `interaction` (its name) in turn is XORed into a
/// 64-bit state that begins at 0 and goes through one step of SplitMix64 each time.
std::uint64_t DrawKey(std::string_view seed, std::string_view interaction);

}  // namespace carillon::qa::domain
