#pragma once
#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/qa/v1/qa_service.pb.h"
#include "pg/message.hpp"
#include "qa/domain/scorecard.hpp"

namespace carillon::qa::store {

namespace pb = carillon::qa::v1;

/// SCORECARD_UNKNOWN. Locked until the end of the transaction, and with it its revisions.
Result<pb::Scorecard> LockScorecard(pg::Tx& tx, const std::string& name);
Result<pb::Scorecard> LoadScorecard(pg::Tx& tx, const std::string& name);
pg::Page<pb::Scorecard> ListScorecards(pg::Tx& tx, const pb::ListScorecardsRequest& in,
                                       const std::string& after, int size);

/// SCORECARD_REVISION_UNKNOWN. `name` is scorecards/{uuid}/revisions/{number}.
Result<pb::ScorecardRevision> LoadRevision(pg::Tx& tx, const std::string& name);
/// Newest first.
std::vector<pb::ScorecardRevision> Revisions(pg::Tx& tx, const std::string& scorecard);

/// Writes both, as the next version of the scorecard; returns it with its etag. The scorecard is new or
/// locked. DUPLICATE for a code in use.
pb::Scorecard Save(pg::Tx& tx, const domain::Revised& revised);
/// Writes a revision alone.
void SaveRevision(pg::Tx& tx, const std::string& client, const pb::ScorecardRevision& revision);

}  // namespace carillon::qa::store
