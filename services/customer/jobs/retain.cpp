#include "customer/jobs/retain.hpp"

#include <stdexcept>

#include "customer/api/erasing.hpp"
#include "customer/store/privacy.hpp"
#include "obs/log.hpp"

namespace carillon::customer::jobs {
namespace {

namespace pb = carillon::customer::v1;

constexpr int kClosedAtOnce = 100;

Result<pb::Erasure> Erase(const Call& call, Deps& deps, const std::string& id, const std::string& reason,
                          bool asked) {
  return deps.db.Write(call, [&](pg::Tx& tx) { return api::ErasedCustomer(tx, deps, id, reason, asked); });
}

}  // namespace

void Retain(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker,
            const Settings& settings) {
  using std::chrono::days;
  const TimePoint now = worker.now;
  const auto dropped = worker_db.Write(worker, [&](pg::Tx& tx) -> Result<void> {
    store::DropOldResults(tx, now - days{settings.retention_file_results_days});
    if (settings.retention_contacts_days > 0) {
      store::DropOldContacts(tx, now - days{settings.retention_contacts_days});
    }
    store::DropKept(tx, now - deps.kept_after_erasure);
    return Ok();
  });
  if (!dropped) obs::Warn("what was kept long enough is not removed", {{"error", dropped.error().message}});
  if (settings.retention_closed_days == 0) return;
  const auto closed = worker_db.Read(worker, [&](pg::Tx& tx) -> Result<std::vector<store::Anyone>> {
    return store::LongClosed(tx, now - days{settings.retention_closed_days}, kClosedAtOnce);
  });
  if (!closed) {
    obs::Warn("customers closed long ago not found", {{"error", closed.error().message}});
    return;
  }
  for (const auto& one : *closed) {
    const auto done = Erase(call_for(one.tenant), deps, one.id, "RETENTION_OVER", true);
    if (!done && done.error().reason != "CUSTOMER_HELD") {
      obs::Warn("customer closed long ago not erased",
                {{"customer", one.id}, {"error", done.error().message}});
    }
  }
}

void EraseReturned(pg::Pool& worker_db, Deps& deps, const CallFor& call_for, const Call& worker) {
  using Found = std::vector<std::pair<store::Anyone, std::string>>;
  const auto returned =
      worker_db.Read(worker, [&](pg::Tx& tx) -> Result<Found> { return store::Returned(tx); });
  if (!returned) throw std::runtime_error("erased customers not looked for: " + returned.error().message);
  for (const auto& [who, reason] : *returned) {
    const auto done = Erase(call_for(who.tenant), deps, who.id, reason, false);
    if (!done) throw std::runtime_error("customer " + who.id + " not erased again: " + done.error().message);
    obs::Info("customer erased again after a restore", {{"customer", who.id}});
  }
}

}  // namespace carillon::customer::jobs
