#include "routing/jobs/forget.hpp"

#include "routing/store/records.hpp"

namespace carillon::routing::jobs {

Result<void> ForgetPersonalValues(const Call& worker, pg::Pool& worker_db, std::chrono::days kept) {
  constexpr int kAtOnce = 500;
  return worker_db.Write(worker, [&](pg::Tx& tx) -> Result<void> {
    store::ForgetPersonalValues(tx, worker.now - kept, kAtOnce);
    return Ok();
  });
}

}  // namespace carillon::routing::jobs
