#include <algorithm>

#include "customer/api/privacy.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/privacy.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kIndexedAtOnce = 500;
constexpr std::chrono::seconds kStep{10};

}  // namespace

Result<pb::CustomField> PutCustomField(Call& call, Deps& deps, const pb::PutCustomFieldRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::CustomField> {
    const auto fields = store::CustomFields(tx);
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&](const auto& one) { return one.name() == in.custom_field().name(); });
    const pb::CustomField* before = at == fields.end() ? nullptr : &*at;
    TRY_VOID(domain::RequireDefinition(in.custom_field(), before));
    store::PutCustomField(tx, in.custom_field());
    if (in.custom_field().indexed() && (before == nullptr || !before->indexed())) {
      google::protobuf::StringValue name;
      name.set_value(in.custom_field().name());
      pg::Enqueue(tx, kIndexCustomField, tx.call().principal.tenant, name);
    }
    return in.custom_field();
  });
}

Result<pb::ListCustomFieldsResponse> ListCustomFields(Call& call, Deps& deps,
                                                      const pb::ListCustomFieldsRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::ListCustomFieldsResponse> {
    pb::ListCustomFieldsResponse out;
    for (auto& one : store::CustomFields(tx)) *out.add_custom_fields() = std::move(one);
    return out;
  });
}

Result<void> IndexCustomField(Call& call, Deps& deps, const google::protobuf::StringValue&) {
  std::string after;
  do {
    call.deadline = std::chrono::steady_clock::now() + kStep;
    TRY(after, deps.db.Write(call, [&](pg::Tx& tx) -> Result<std::string> {
      return store::IndexFields(tx, deps.vault, after, kIndexedAtOnce);
    }));
  } while (!after.empty());
  return Ok();
}

}  // namespace carillon::customer::api
