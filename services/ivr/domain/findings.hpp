#pragma once
#include <vector>

#include "carillon/ivr/v1/flow.pb.h"
#include "ivr/domain/document.hpp"

/// What is wrong with a flow before anybody calls it.
namespace carillon::ivr {

/// Blocking ones first, then by line: NODE_UNREACHABLE (no way leads there), NO_AGENT_EXIT (no reachable
/// carillon:enqueue), NO_ERROR_BRANCH (another service is asked and nothing handles `.failed`),
/// NO_DEFAULT_BRANCH (keys are collected and nothing handles `.timeout` or `.invalid`), NODE_UNKNOWN (a send
/// type nobody carries out), SCRIPT_MALFORMED.
std::vector<v1::FlowFinding> Findings(const Document& document);

}  // namespace carillon::ivr
