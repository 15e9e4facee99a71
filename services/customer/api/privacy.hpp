#pragma once
#include <google/protobuf/wrappers.pb.h>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/privacy_service.pb.h"
#include "customer/deps.hpp"

/// The methods of PrivacyService; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::Customer> RecordConsent(Call& call, Deps& deps, const pb::RecordConsentRequest& in);
Result<pb::ListConsentsResponse> ListConsents(Call& call, Deps& deps, const pb::ListConsentsRequest& in);
Result<pb::CheckConsentResponse> CheckConsent(Call& call, Deps& deps, const pb::CheckConsentRequest& in);
Result<pb::ExportCustomerDataResponse> ExportCustomerData(Call& call, Deps& deps,
                                                          const pb::ExportCustomerDataRequest& in);
Result<pb::Erasure> EraseCustomer(Call& call, Deps& deps, const pb::EraseCustomerRequest& in);
Result<pb::ListErasuresResponse> ListErasures(Call& call, Deps& deps, const pb::ListErasuresRequest& in);
Result<pb::CustomField> PutCustomField(Call& call, Deps& deps, const pb::PutCustomFieldRequest& in);
Result<pb::ListCustomFieldsResponse> ListCustomFields(Call& call, Deps& deps,
                                                      const pb::ListCustomFieldsRequest& in);

/// The durable task that lets values written before be found; its payload is a google.protobuf.StringValue,
/// the definition's name.
inline constexpr const char* kIndexCustomField = "index_custom_field";
Result<void> IndexCustomField(Call& call, Deps& deps, const google::protobuf::StringValue& name);

}  // namespace carillon::customer::api
