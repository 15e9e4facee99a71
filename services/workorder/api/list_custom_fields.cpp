#include "workorder/api/methods.hpp"
#include "workorder/store/orders.hpp"

namespace carillon::workorder::api {

Result<pb::ListCustomFieldsResponse> ListCustomFields(Call& call, Deps& deps,
                                                      const pb::ListCustomFieldsRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListCustomFieldsResponse> {
    pb::ListCustomFieldsResponse out;
    for (auto& field : store::CustomFields(tx)) *out.add_fields() = std::move(field);
    return out;
  });
}

}  // namespace carillon::workorder::api
