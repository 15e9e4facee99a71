#pragma once
#include "customer/jobs/retain.hpp"

/// Looks at all customers of a tenant that are due; durable tasks take them on.
namespace carillon::customer::jobs {

/// Begins a run of quality for each tenant whose last one began longer than `every` ago.
void BeginQualityChecks(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                        Duration every);

/// The same with learning who is who.
void BeginLearning(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                   Duration every);

/// The same with computing segments, where there are rules; a change of the rules is due at once.
void BeginSegmentSweeps(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
                        Duration every);

}  // namespace carillon::customer::jobs
