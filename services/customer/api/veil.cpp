#include "customer/api/veil.hpp"

#include "customer/api/steps.hpp"
#include "customer/domain/privacy.hpp"
#include "customer/store/privacy.hpp"
#include "rpc/headers.hpp"

namespace carillon::customer::api {
namespace {

constexpr const char* kUnmask = "customer.unmask";

/// Calls `fn` with every customer in a message that has fields of the operator.
template <class Fn>
void EachCustomer(google::protobuf::Message& message, const Fn& fn) {
  if (message.GetDescriptor() == pb::Customer::descriptor()) {
    auto& customer = static_cast<pb::Customer&>(message);
    if (customer.custom_fields().fields_size() > 0) fn(customer);
    return;
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE ||
        field->message_type()->file()->package() != pb::Customer::descriptor()->file()->package()) {
      continue;
    }
    if (!field->is_repeated()) {
      EachCustomer(*reflection->MutableMessage(&message, field), fn);
      continue;
    }
    for (int n = 0; n < reflection->FieldSize(message, field); ++n) {
      EachCustomer(*reflection->MutableRepeatedMessage(&message, field, n), fn);
    }
  }
}

}  // namespace

Result<void> Narrow(Call& call, Deps& deps, const google::protobuf::Message& in) {
  if (call.principal.service) return Ok();
  const auto* field = in.GetDescriptor()->FindFieldByName("purpose");
  const bool text = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING;
  std::string purpose = text ? in.GetReflection()->GetString(in, field) : "";
  if (purpose.empty()) purpose = rpc::RequestHeader("carillon-purpose");
  if (purpose.empty()) {
    call.principal.permissions.erase(kUnmask);
    return Ok();
  }
  return deps.db.Read(call,
                      [&](pg::Tx& tx) { return RequireCode(tx, "UNMASK_PURPOSE", "purpose", purpose); });
}

Result<void> MaskOwnFields(const Call& call, Deps& deps, google::protobuf::Message& out) {
  if (call.principal.May(kUnmask)) return Ok();
  std::vector<pb::Customer*> customers;
  EachCustomer(out, [&](pb::Customer& one) { customers.push_back(&one); });
  if (customers.empty()) return Ok();
  TRY(const auto fields, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<pb::CustomField>> {
    return store::CustomFields(tx);
  }));
  for (auto* one : customers) domain::MaskCustomFields(*one->mutable_custom_fields(), fields);
  return Ok();
}

Result<void> Veiled(Call& call, Deps& deps, const google::protobuf::Message& in,
                    google::protobuf::Message& out, const std::function<Result<void>()>& serve) {
  TRY_VOID(Narrow(call, deps, in));
  TRY_VOID(serve());
  return MaskOwnFields(call, deps, out);
}

}  // namespace carillon::customer::api
