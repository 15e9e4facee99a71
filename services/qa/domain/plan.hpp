#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/time_zone.hpp"
#include "carillon/qa/v1/qa.pb.h"

/// What a plan may say, who is in it, and its life.
namespace carillon::qa::domain {

namespace pb = carillon::qa::v1;

/// The instants of a plan's days, [begin, end).
struct Span {
  TimePoint begin;
  TimePoint end;
};

/// The plan with its defaults filled in: `time_zone` and `seed` where it names none. SAMPLE_PLAN_INVALID with
/// every bad field.
Result<pb::SamplePlan> CheckedPlan(const pb::SamplePlan& plan, const std::string& time_zone,
                                   const std::string& seed);

/// `wish` (checked) as a new draft.
pb::SamplePlan CreatedPlan(const pb::SamplePlan& wish, const std::string& author, TimePoint now);
/// `patched` without the fields nobody may change. SAMPLE_PLAN_STATE unless it is a draft.
Result<pb::SamplePlan> UpdatedPlan(const pb::SamplePlan& before, pb::SamplePlan patched, TimePoint now);

/// The instants of the plan's days. The plan is checked.
Span SpanOf(const pb::SamplePlan& plan);
/// The days before a plan that its agents are ranked by.
Span RankedSpan(const pb::SamplePlan& plan);

/// The plan, open, with a quota for each of `agents`: tiers as its members say, else ranked by `scores` (R5:
/// the weakest 20 % of all agents FOCUS, the best 10 % STEADY, ties by name; who has no score is ORDINARY).
/// SAMPLE_PLAN_STATE.
Result<pb::SamplePlan> Opened(const pb::SamplePlan& before, const std::vector<std::string>& agents,
                              const std::vector<pb::AgentScore>& scores, TimePoint now);
/// The plan with an ORDINARY quota for each of `agents` it does not have; unchanged when it names its
/// members.
pb::SamplePlan Joined(const pb::SamplePlan& before, const std::vector<std::string>& agents);
/// DRAWN when every agent was drawn.
pb::SamplePlan AfterDraw(const pb::SamplePlan& before, TimePoint now);
/// SAMPLE_PLAN_STATE unless it is OPEN or DRAWN.
Result<pb::SamplePlan> ClosedPlan(const pb::SamplePlan& before, TimePoint now);

/// The use that says which sheet judges the conversation; nullptr when none does.
const pb::SamplePlan::ScorecardUse* UseFor(const pb::SamplePlan& plan, const pb::Evaluation& conversation);

}  // namespace carillon::qa::domain
