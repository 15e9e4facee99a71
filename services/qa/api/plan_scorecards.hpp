#pragma once
#include "qa/api/deps.hpp"
#include "qa/store/scorecards.hpp"

namespace carillon::qa::api {

/// SCORECARD_UNKNOWN unless every scorecard of the plan is one of its client's.
inline Result<void> RequireScorecards(pg::Tx& tx, const pb::SamplePlan& plan) {
  for (const auto& use : plan.scorecards()) {
    TRY(const auto card, store::LoadScorecard(tx, use.scorecard()));
    if (card.client() != plan.client()) return errors::UnknownScorecard(use.scorecard());
  }
  return Ok();
}

}  // namespace carillon::qa::api
