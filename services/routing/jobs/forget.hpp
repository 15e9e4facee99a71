#pragma once
#include <chrono>

#include "base/call.hpp"
#include "pg/pool.hpp"

/// Personal values of finished work are kept no longer than they may.
namespace carillon::routing::jobs {

/// One turn over all tenants; the rest waits for the next.
Result<void> ForgetPersonalValues(const Call& worker, pg::Pool& worker_db, std::chrono::days kept);

}  // namespace carillon::routing::jobs
