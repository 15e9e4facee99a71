#include "customer/jobs/mark_dormant.hpp"

#include "base/proto_time.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/customers.hpp"
#include "customer/store/customers.hpp"
#include "obs/log.hpp"

namespace carillon::customer::jobs {
namespace {

namespace pb = carillon::customer::v1;

Result<void> MarkOne(const Call& call, Deps& deps, const std::string& id, TimePoint before) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
    TRY(const pb::Customer customer, store::LoadForUpdate(tx, deps.vault, id));
    // Somebody may have changed or called it since the sweep looked.
    if (FromProto(customer.update_time()) >= before) return Ok();
    for (const auto& contact : store::LastContacts(tx, id)) {
      if (FromProto(contact.contact_time()) >= before) return Ok();
    }
    return api::SaveChangedState(tx, deps, customer, domain::Silent(customer, call.now));
  });
}

}  // namespace

void MarkDormant(pg::Pool& worker_db, Deps& deps,
                 const std::function<Call(const std::string& tenant)>& call_for, const Call& worker,
                 Duration silence) {
  constexpr int kPage = 1000;
  const TimePoint before = worker.now - silence;
  // Page behind page: one that cannot be marked keeps nobody behind it from being marked.
  for (std::optional<store::SilentCustomer> last;;) {
    const auto silent = worker_db.Read(worker, [&](pg::Tx& tx) -> Result<std::vector<store::SilentCustomer>> {
      return store::FindSilent(tx, before, last, kPage);
    });
    if (!silent) {
      obs::Warn("silent customers not found", {{"error", silent.error().message}});
      return;
    }
    for (const auto& one : *silent) {
      const auto done = MarkOne(call_for(one.tenant), deps, one.id, before);
      if (!done)
        obs::Warn("customer not marked dormant", {{"customer", one.id}, {"error", done.error().message}});
    }
    if (silent->size() < kPage) return;
    last = silent->back();
  }
}

}  // namespace carillon::customer::jobs
