#pragma once
#include <functional>

#include "base/call.hpp"
#include "pg/pool.hpp"

namespace carillon::knowledge::jobs {

/// Publishes what is due by call.now and expires what is valid no more, article by article. `call_for` makes
/// the Call of a tenant. Needs the worker's role. Returns how many were changed.
Result<int> SweepArticles(const Call& call, pg::Pool& worker_db, Duration review,
                          const std::function<Call(const std::string& tenant)>& call_for);

/// Deletes searches, and misses nobody took up, that are older than `kept`. Needs the worker's role.
Result<void> ForgetSearches(const Call& call, pg::Pool& worker_db, Duration kept);

}  // namespace carillon::knowledge::jobs
