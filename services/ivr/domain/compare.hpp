#pragma once
#include "carillon/ivr/v1/flow_service.pb.h"
#include "ivr/domain/document.hpp"

/// What changed between two versions of a flow.
namespace carillon::ivr {

/// States that came, went or changed (by their own lines, not those of states inside), and the lines of the
/// texts that differ, "-" before and "+" after, with the line number in the text they stand in.
v1::CompareFlowResponse Compared(const std::string& before, const std::string& after);

}  // namespace carillon::ivr
