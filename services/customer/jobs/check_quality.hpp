#pragma once
#include "customer/jobs/retain.hpp"

namespace carillon::customer::jobs {

/// Begins a run for each tenant whose last one began longer than `every` ago; durable tasks take them on.
void BeginQualityChecks(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                        Duration every);

}  // namespace carillon::customer::jobs
