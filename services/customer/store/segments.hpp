#pragma once
#include <string>
#include <vector>

#include "carillon/customer/v1/segment_service.pb.h"
#include "pg/tx.hpp"

/// Rules of segments in PostgreSQL; who passes them is asked in store/selections. Every function runs in the
/// transaction it is given.
namespace carillon::customer::store {

namespace pb = carillon::customer::v1;

/// All customers are due to be looked at again.
void PutSegmentRule(pg::Tx& tx, const pb::SegmentRule& rule);
std::vector<pb::SegmentRule> SegmentRules(pg::Tx& tx);

bool HasSegmentRules(pg::Tx& tx);

/// Tenants with rules whose customers were not looked at since `before`, for the worker role.
std::vector<std::string> TenantsToSegment(pg::Tx& tx, TimePoint before);
void NoteSegmentSweep(pg::Tx& tx);

}  // namespace carillon::customer::store
