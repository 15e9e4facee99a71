#pragma once
#include <string>

#include "base/result.hpp"
#include "carillon/ivr/v1/flow.pb.h"
#include "ivr/deps.hpp"

namespace carillon::ivr::api {

/// Whether `user` may let callers into the newest version: FAILED_PRECONDITION FLOW_NOT_DRAFT,
/// FLOW_SELF_APPROVED, FLOW_NOT_TESTED, FLOW_HAS_FINDINGS.
Result<void> MayPublish(const Deps& deps, const v1::Flow& flow, const std::string& user);

}  // namespace carillon::ivr::api
