#include "workorder/jobs/sweep_overdue.hpp"

#include "workorder/domain/order.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::jobs {

Result<int> SweepOverdue(const Call& call, pg::Pool& worker_db, const domain::Hours& hours,
                         const std::function<Call(const std::string& tenant)>& call_for) {
  using Due = std::vector<std::pair<std::string, std::string>>;
  TRY(const auto due,
      worker_db.Read(call, [&](pg::Tx& tx) -> Result<Due> { return store::Due(tx, call.now); }));
  int marked = 0;
  for (const auto& [tenant, name] : due) {
    const Call own = call_for(tenant);
    const auto overdue = worker_db.Write(own, [&](pg::Tx& tx) -> Result<bool> {
      TRY(const auto before, store::Lock(tx, name));
      const auto policies = store::Policies(tx);
      const auto decision = domain::Swept({own.principal.user, true, call.now, hours, policies}, before);
      if (!decision.event) return false;
      TRY_VOID(store::Save(tx, decision));
      return true;
    });
    // One order that cannot be marked does not hide those behind it.
    if (!overdue && IsTransient(overdue.error())) return overdue.error();
    marked += overdue.value_or(false) ? 1 : 0;
  }
  return marked;
}

}  // namespace carillon::workorder::jobs
