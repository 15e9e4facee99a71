#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/privacy.pb.h"
#include "carillon/customer/v1/privacy_service.pb.h"

/// Consents, erasure and the operator's own fields. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// `before` with the customer's word on a channel and a purpose; unchanged when a later word holds.
/// CONSENT_INVALID, CUSTOMER_CLOSED, CUSTOMER_MERGED, CUSTOMER_ERASED.
Result<pb::Customer> Consented(const pb::Customer& before, const pb::Consent& consent, TimePoint now);

/// The last word that speaks of the channel and the purpose decides, of two at the same time the refusal;
/// without any only SERVICE is allowed, which the contract needs.
pb::CheckConsentResponse ConsentFor(const pb::Customer& customer, carillon::type::v1::Channel channel,
                                    pb::Consent::Purpose purpose);

/// CUSTOMER_MERGED, CUSTOMER_HAS_ACCOUNTS, CUSTOMER_HELD while a LITIGATION or FRAUD_SUSPECT alert stands.
Result<void> RequireErasable(const pb::Customer& customer);
/// ERASED, without any value.
pb::Customer ErasedOf(const pb::Customer& before, TimePoint now);

/// CUSTOM_FIELD_INVALID, or CUSTOM_FIELD_KIND for another kind than `before` has.
Result<void> RequireDefinition(const pb::CustomField& field, const pb::CustomField* before);
/// What `after` may not be when it was `before`: fields that did not change are not looked at. Anything goes
/// while nothing is defined.
Result<void> RequireCustomFields(const google::protobuf::Struct& before,
                                 const google::protobuf::Struct& after,
                                 const std::vector<pb::CustomField>& fields);
/// Masked values become "***".
void MaskCustomFields(google::protobuf::Struct& values, const std::vector<pb::CustomField>& fields);
/// "***" in a masked field becomes what `before` has.
void KeepMasked(const google::protobuf::Struct& before, google::protobuf::Struct& after,
                const std::vector<pb::CustomField>& fields);
/// What a value of an indexed field is found by: "key=text", nothing for an empty or unindexed one.
std::vector<std::string> IndexTexts(const google::protobuf::Struct& values,
                                    const std::vector<pb::CustomField>& fields);

}  // namespace carillon::customer::domain
