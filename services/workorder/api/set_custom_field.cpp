#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::CustomField> SetCustomField(Call& call, Deps& deps, const pb::SetCustomFieldRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::CustomField> {
    store::SetCustomField(tx, in.field());
    return in.field();
  });
}

}  // namespace carillon::workorder::api
