#include "customer/api/alerts.hpp"
#include "customer/api/api.hpp"

namespace carillon::customer::api {

Result<pb::Customer> ClearAlert(Call& call, Deps& deps, const pb::ClearAlertRequest& in) {
  const auto at = in.name().find("/alerts/");
  TRY(const std::string id, IdOfName(in.name().substr(0, at), "customers"));
  TRY_VOID(IdOfName(in.name().substr(at + 1), "alerts"));
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const auto before, store::LoadForUpdate(tx, deps.vault, id));
    for (const auto& alert : before.alerts()) {
      if (alert.name() == in.name() && domain::NeedsSupervisor(alert) && !call.principal.service &&
          !call.principal.May("routing.supervise")) {
        return errors::SupervisorRequired(alert.code());
      }
    }
    return ClearedAlert(tx, deps, before, in.name(), in.reason());
  });
}

}  // namespace carillon::customer::api
