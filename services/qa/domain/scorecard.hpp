#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/qa/v1/qa.pb.h"

/// What may stand on a sheet, and how its revisions follow each other.
namespace carillon::qa::domain {

namespace pb = carillon::qa::v1;

/// The content with its defaults filled in. SCORECARD_INVALID with every bad field.
Result<pb::ScorecardContent> Checked(const pb::ScorecardContent& content);

/// Points of all items that are no bonus.
int WeightOf(const pb::ScorecardContent& content);

/// The scorecards of the trade (A "csr", B "tsr", C "complaint"), from the files in `scorecards/`.
/// TEMPLATE_MISPLACED when `code` is for another kind.
Result<pb::ScorecardContent> Template(const std::string& code, pb::Scorecard::Kind kind);

/// A scorecard and the revision that was changed with it.
struct Revised {
  pb::Scorecard scorecard;
  pb::ScorecardRevision revision;
};

/// Revision 1 of a new scorecard. `content` was checked.
Revised Created(const pb::Scorecard& wish, const pb::ScorecardContent& content, const std::string& author,
                TimePoint now);
/// `newest` with another content, or the revision after it when it is no draft. `content` was checked.
Revised Redrafted(const pb::Scorecard& before, const pb::ScorecardRevision& newest,
                  const pb::ScorecardContent& content, const std::string& author, TimePoint now);
/// The draft as the active revision. SCORECARD_NO_DRAFT, SCORECARD_INCOMPLETE.
Result<Revised> Activated(const pb::Scorecard& before, const pb::ScorecardRevision& newest, TimePoint now);
/// The revision that another takes the place of.
pb::ScorecardRevision Retired(const pb::ScorecardRevision& before, TimePoint now);

}  // namespace carillon::qa::domain
