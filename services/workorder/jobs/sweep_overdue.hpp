#pragma once
#include <functional>

#include "base/call.hpp"
#include "pg/pool.hpp"
#include "workorder/domain/sla.hpp"

namespace carillon::workorder::jobs {

/// Marks orders whose promise has ended before call.now and announces WorkOrderOverdue, order by order.
/// `call_for` makes the Call of a tenant. Needs the worker's role. Returns how many were marked.
Result<int> SweepOverdue(const Call& call, pg::Pool& worker_db, const domain::Hours& hours,
                         const std::function<Call(const std::string& tenant)>& call_for);

}  // namespace carillon::workorder::jobs
