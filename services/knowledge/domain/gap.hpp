#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/knowledge/v1/gap.pb.h"
#include "knowledge/domain/article.hpp"

/// What was asked and nobody could answer: OPEN → ASSIGNED → ANSWERED → CLOSED.
namespace carillon::knowledge::domain {

/// Whoever reported it is answered within a day (R3).
inline constexpr std::chrono::hours kAnswerWithin{24};

/// A gap that a search found: OPEN, asked once. `question` is masked.
pb::Gap Missed(const std::string& name, const std::string& client, const std::string& language,
               const std::string& question, const Actor& actor);
/// The same question was asked once more.
pb::Gap MissedAgain(const pb::Gap& before, TimePoint now);
/// A gap as it was reported, masked by the caller.
pb::Gap Reported(const pb::Gap& wish, const std::string& name, const Actor& actor);
/// What is known is reported: counted, and what the report says is kept. The first reporter stays the one who
/// is told.
pb::Gap ReportedAgain(const pb::Gap& before, const pb::Gap& report, const Actor& actor);
/// GAP_STATE.
Result<pb::Gap> Assigned(const pb::Gap& before, const std::string& assignee, TimePoint now);
/// By an article: CLOSED when readers read it, else ANSWERED. GAP_STATE.
Result<pb::Gap> Answered(const pb::Gap& before, const std::string& article, bool readable, TimePoint now);
/// Without an article. GAP_STATE.
Result<pb::Gap> ClosedWithout(const pb::Gap& before, const std::string& reason, TimePoint now);

}  // namespace carillon::knowledge::domain
