#pragma once
#include <functional>

#include "telephony/api/deps.hpp"

/// Periodic work over all tenants.
namespace carillon::telephony::jobs {

struct Limits {
  Duration longest;    ///< a call lives no longer
  Duration grace;      ///< how long a switch may take to confirm a release
  Duration retention;  ///< calls are deleted this long after their arrival
};

/// A Call of this service for a tenant.
using CallFor = std::function<Call(const std::string& tenant)>;

/// Ends what nobody ends: calls beyond the longest life are released, releases that no switch confirms are
/// taken as done, lines that neither answer nor fail are given up. How many calls were changed.
Result<int> EndOverdueCalls(const Call& worker, pg::Pool& worker_db, Deps& deps, const Limits& limits,
                            const CallFor& call_for);

/// Sets the gauge of calls that are not over, of all tenants.
Result<void> CountCalls(const Call& worker, pg::Pool& worker_db);

/// Deletes calls beyond the retention, in small transactions. How many rows went.
Result<std::int64_t> ForgetOldCalls(const Call& worker, pg::Pool& worker_db, const Limits& limits);

}  // namespace carillon::telephony::jobs
