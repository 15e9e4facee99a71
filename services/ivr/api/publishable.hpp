#pragma once
#include <string>

#include "base/result.hpp"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "ivr/deps.hpp"
#include "pg/tx.hpp"

namespace carillon::ivr::api {

/// Runs the tests kept in a flow and sets its state to TESTED or DRAFT. INVALID_ARGUMENT FLOW_TEST_MALFORMED.
Result<void> RunTests(v1::Flow& flow, v1::TestFlowResponse& out);

/// Whether `user` may let callers into the newest version: FAILED_PRECONDITION FLOW_NOT_DRAFT,
/// FLOW_SELF_APPROVED, FLOW_NOT_TESTED, FLOW_HAS_FINDINGS.
Result<void> MayPublish(pg::Tx& tx, const Deps& deps, const v1::Flow& flow, const std::string& user);

}  // namespace carillon::ivr::api
