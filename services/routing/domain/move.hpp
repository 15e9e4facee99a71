#pragma once
#include <carillon/routing/v1/agent_service.pb.h>
#include <carillon/routing/v1/queue.pb.h>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace carillon::routing::domain {

namespace pb = carillon::routing::v1;

/// The agent with the profile that a supervisor puts in force at `now`: for good, or as a stretch of the
/// roster until `in.end_time`. Whatever the roster says for that time gives way; the rest of it stands, what
/// lies behind goes when the list would grow past what an update may carry. MOVE_END_PAST when the end is not
/// after `now`.
Result<pb::Agent> Moved(const pb::Agent& agent, const pb::MoveAgentRequest& in, TimePoint now);

}  // namespace carillon::routing::domain
