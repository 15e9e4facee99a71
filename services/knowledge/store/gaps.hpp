#pragma once
#include "base/ids.hpp"
#include "base/result.hpp"
#include "carillon/knowledge/v1/knowledge_service.pb.h"
#include "knowledge/domain/gap.hpp"
#include "pg/message.hpp"

namespace carillon::knowledge::store {

namespace pb = carillon::knowledge::v1;

inline constexpr const char* kGaps = "carillon.knowledge.gaps.v1";

/// GAP_UNKNOWN.
Result<pb::Gap> LockGap(pg::Tx& tx, const std::string& name);
/// With a reporter (users/{uuid}) only the own. GAP_UNKNOWN.
Result<pb::Gap> LoadGap(pg::Tx& tx, const std::string& name, const std::string& reporter);
/// With a reporter only the own.
pg::Page<pb::Gap> ListGaps(pg::Tx& tx, const pb::ListGapsRequest& in, const std::string& reporter,
                           const std::string& after, int size);
/// `fresh`, or, when the question is known and not CLOSED, that gap locked: the second is false then.
std::pair<pb::Gap, bool> AddOrLock(pg::Tx& tx, pb::Gap fresh);
/// Writes a locked gap; returns it with its etag.
pb::Gap SaveGap(pg::Tx& tx, pb::Gap gap);
/// Publishes KnowledgeGapFound or, of a CLOSED one, KnowledgeGapClosed.
void AnnounceGap(pg::Tx& tx, const pb::Gap& gap);
/// Closes, and tells of, what the article answers.
void CloseAnswered(pg::Tx& tx, const v1::Article& article);

}  // namespace carillon::knowledge::store
