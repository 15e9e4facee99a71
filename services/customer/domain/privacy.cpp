#include "customer/domain/privacy.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "calendar/time_zone.hpp"
#include "customer/domain/customers.hpp"
#include "customer/domain/errors.hpp"

namespace carillon::customer::domain {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr const char* kMask = "***";
constexpr std::size_t kLongestText = 4096;  // bytes

bool Speaks(const pb::Consent& consent, carillon::type::v1::Channel channel, pb::Consent::Purpose purpose) {
  return (consent.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED || consent.channel() == channel) &&
         (consent.purpose() == pb::Consent::PURPOSE_UNSPECIFIED || consent.purpose() == purpose);
}

bool IsEmpty(const Value& value) {
  return value.kind_case() == Value::kNullValue || value.kind_case() == Value::KIND_NOT_SET;
}

/// What is wrong with it; empty = nothing.
std::string Wrong(const pb::CustomField& field, const Value& value) {
  const bool text = value.kind_case() == Value::kStringValue;
  switch (field.kind()) {
    case pb::CustomField::TEXT:
      if (!text || value.string_value().size() > kLongestText)
        return "is not a text of up to 1,024 characters";
      return field.masked() && value.string_value() == kMask ? "is a mask" : "";
    case pb::CustomField::NUMBER:
      return value.kind_case() == Value::kNumberValue && std::isfinite(value.number_value())
                 ? ""
                 : "is not a number";
    case pb::CustomField::FLAG:
      return value.kind_case() == Value::kBoolValue ? "" : "is not true or false";
    case pb::CustomField::CHOICE:
      return text && std::find(field.choices().begin(), field.choices().end(), value.string_value()) !=
                         field.choices().end()
                 ? ""
                 : "is none of the choices";
    case pb::CustomField::DATE:
      return text && calendar::ParseDate(value.string_value()) ? "" : "is not a day: 2026-03-01";
    default:
      return "has no kind";
  }
}

std::string TextOf(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kNumberValue: {
      const double number = value.number_value();
      if (number == std::floor(number) && std::abs(number) < 9e15) {
        return std::to_string(static_cast<std::int64_t>(number));
      }
      std::string text = std::to_string(number);
      text.erase(text.find_last_not_of('0') + 1);
      return text;
    }
    default:
      return "";
  }
}

}  // namespace

Result<pb::Customer> Consented(const pb::Customer& before, const pb::Consent& consent, TimePoint now) {
  std::vector<Violation> violations;
  if (consent.evidence().empty()) violations.push_back({"consent.evidence", "is required"});
  if (consent.has_decide_time() && FromProto(consent.decide_time()) > now) {
    violations.push_back({"consent.decide_time", "is in the future"});
  }
  if (!violations.empty()) return errors::ConsentInvalid(std::move(violations));
  pb::Customer wanted = before;
  pb::Consent* place = nullptr;
  for (auto& one : *wanted.mutable_consents()) {
    if (one.channel() == consent.channel() && one.purpose() == consent.purpose()) place = &one;
  }
  const TimePoint said = consent.has_decide_time() ? FromProto(consent.decide_time()) : now;
  if (place != nullptr && FromProto(place->decide_time()) > said) {
    TRY_VOID(RequireOpen(before));
    return before;
  }
  if (place == nullptr) place = wanted.add_consents();
  *place = consent;
  *place->mutable_decide_time() = ToProto(said);
  return Updated(before, std::move(wanted), now);
}

pb::CheckConsentResponse ConsentFor(const pb::Customer& customer, carillon::type::v1::Channel channel,
                                    pb::Consent::Purpose purpose) {
  pb::CheckConsentResponse out;
  const pb::Consent* last = nullptr;
  for (const auto& one : customer.consents()) {
    if (!Speaks(one, channel, purpose)) continue;
    const auto at = FromProto(one.decide_time());
    if (last == nullptr || at > FromProto(last->decide_time()) ||
        (at == FromProto(last->decide_time()) && one.decision() == pb::Consent::WITHDRAWN)) {
      last = &one;
    }
  }
  if (!RequireOpen(customer)) {
    out.set_reason(pb::CheckConsentResponse::GONE);
  } else if (customer.do_not_contact()) {
    out.set_reason(pb::CheckConsentResponse::DO_NOT_CONTACT);
  } else if (last == nullptr) {
    out.set_reason(pb::CheckConsentResponse::NEVER_ASKED);
    out.set_allowed(purpose == pb::Consent::SERVICE);
  } else {
    const bool given = last->decision() == pb::Consent::GIVEN;
    out.set_allowed(given);
    out.set_reason(given ? pb::CheckConsentResponse::SAID_YES : pb::CheckConsentResponse::SAID_NO);
    *out.mutable_consent() = *last;
  }
  return out;
}

Result<void> RequireErasable(const pb::Customer& customer) {
  if (customer.state() == pb::Customer::MERGED) return RequireOpen(customer);
  for (const auto& alert : customer.alerts()) {
    if (alert.code() == "LITIGATION" || alert.code() == "FRAUD_SUSPECT") {
      return errors::Held(alert.name(), alert.code());
    }
  }
  if (HoldsAccount(customer)) return errors::HasAccounts(customer.name());
  return Ok();
}

pb::Customer ErasedOf(const pb::Customer& before, TimePoint now) {
  pb::Customer out;
  out.set_name(before.name());
  out.set_client(before.client());
  if (before.has_person()) out.mutable_person();
  if (before.has_organisation()) out.mutable_organisation();
  out.set_state(pb::Customer::ERASED);
  out.set_grade(pb::Customer::STANDARD);
  out.set_do_not_contact(true);
  out.set_owner_unit(before.owner_unit());
  out.set_owner_user(before.owner_user());
  *out.mutable_create_time() = before.create_time();
  *out.mutable_update_time() = ToProto(now);
  out.set_etag(std::to_string(std::atoll(before.etag().c_str()) + 1));
  return out;
}

Result<void> RequireDefinition(const pb::CustomField& field, const pb::CustomField* before) {
  if (before != nullptr && before->kind() != field.kind()) {
    return errors::CustomFieldKind(field.name(), pb::CustomField::Kind_Name(before->kind()));
  }
  if ((field.kind() == pb::CustomField::CHOICE) == field.choices().empty()) {
    return errors::CustomFieldInvalid(
        {{"custom_field.choices",
          field.choices().empty() ? "is required for CHOICE" : "is for CHOICE only"}});
  }
  return Ok();
}

Result<void> RequireCustomFields(const Struct& before, const Struct& after,
                                 const std::vector<pb::CustomField>& fields) {
  if (fields.empty()) return Ok();
  std::map<std::string, const pb::CustomField*> known;
  for (const auto& field : fields) known[IdOf(field.name())] = &field;
  std::vector<Violation> violations;
  for (const auto& [key, value] : after.fields()) {
    const auto old = before.fields().find(key);
    const bool same =
        old != before.fields().end() && old->second.SerializeAsString() == value.SerializeAsString();
    if (same || IsEmpty(value)) continue;
    const auto at = known.find(key);
    if (at == known.end() || at->second->retired()) {
      violations.push_back({"custom_fields." + key, at == known.end() ? "is not defined" : "is retired"});
    } else if (auto wrong = Wrong(*at->second, value); !wrong.empty()) {
      violations.push_back({"custom_fields." + key, std::move(wrong)});
    }
  }
  for (const auto& [key, field] : known) {
    if (!field->required() || field->retired()) continue;
    const auto at = after.fields().find(key);
    if (at == after.fields().end() || IsEmpty(at->second)) {
      violations.push_back({"custom_fields." + key, "is required"});
    }
  }
  if (!violations.empty()) return errors::Invalid(std::move(violations));
  return Ok();
}

void MaskCustomFields(Struct& values, const std::vector<pb::CustomField>& fields) {
  for (const auto& field : fields) {
    if (!field.masked()) continue;
    const auto at = values.mutable_fields()->find(IdOf(field.name()));
    if (at != values.mutable_fields()->end() && !IsEmpty(at->second)) at->second.set_string_value(kMask);
  }
}

void KeepMasked(const Struct& before, Struct& after, const std::vector<pb::CustomField>& fields) {
  for (const auto& field : fields) {
    const std::string key = IdOf(field.name());
    const auto at = after.mutable_fields()->find(key);
    if (!field.masked() || at == after.mutable_fields()->end() || at->second.string_value() != kMask)
      continue;
    if (const auto old = before.fields().find(key); old != before.fields().end()) at->second = old->second;
  }
}

std::vector<std::string> IndexTexts(const Struct& values, const std::vector<pb::CustomField>& fields) {
  std::vector<std::string> out;
  for (const auto& field : fields) {
    if (!field.indexed()) continue;
    const auto at = values.fields().find(IdOf(field.name()));
    if (at == values.fields().end()) continue;
    if (auto text = TextOf(at->second); !text.empty()) out.push_back(IdOf(field.name()) + "=" + text);
  }
  return out;
}

}  // namespace carillon::customer::domain
