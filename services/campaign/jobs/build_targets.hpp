#pragma once
#include "base/call.hpp"
#include "campaign/api/deps.hpp"
#include "carillon/campaign/v1/dialling.pb.h"

namespace carillon::campaign::jobs {

/// The durable task store::kBuildTask: reads one page of customers, makes targets of those who may be called,
/// and enqueues the next page with them, so that a page is counted once whatever happens.
Result<void> BuildTargets(Call& call, api::Deps& deps, const v1::BuildTask& page);

}  // namespace carillon::campaign::jobs
