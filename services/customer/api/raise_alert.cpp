#include "customer/api/alerts.hpp"
#include "customer/api/api.hpp"

namespace carillon::customer::api {

Result<pb::Customer> RaiseAlert(Call& call, Deps& deps, const pb::RaiseAlertRequest& in) {
  TRY(const std::string id, IdOfName(in.parent(), "customers", "parent"));
  const std::string alert_id = NewId(call.now);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Customer> {
    TRY(const auto before, store::LoadForUpdate(tx, deps.vault, id));
    return RaisedAlert(tx, deps, before, in.alert(), alert_id);
  });
}

}  // namespace carillon::customer::api
