#pragma once
#include "base/result.hpp"
#include "carillon/campaign/v1/campaign.pb.h"
#include "carillon/campaign/v1/script.pb.h"

/// Every reason this service gives; the comments of the .proto quote them.
namespace carillon::campaign::errors {

namespace pb = carillon::campaign::v1;

inline Error UnknownCampaign(const std::string& name) {
  return NotFound("CAMPAIGN_UNKNOWN", "no such campaign", {{"name", name}});
}
inline Error UnknownScript(const std::string& name) {
  return NotFound("SCRIPT_UNKNOWN", "no such script or version", {{"name", name}});
}
inline Error UnknownTarget(const std::string& name) {
  return NotFound("TARGET_RECORD_UNKNOWN", "no such target", {{"name", name}});
}
inline Error UnknownAttempt(const std::string& name) {
  return NotFound("ATTEMPT_UNKNOWN", "no such attempt", {{"name", name}});
}
inline Error UnknownRule(const std::string& name) {
  return NotFound("FREQUENCY_RULE_UNKNOWN", "no such rule", {{"name", name}});
}
inline Error UnknownEntry(const std::string& name) {
  return NotFound("DO_NOT_CALL_UNKNOWN", "no such entry", {{"name", name}});
}
inline Error UnknownCustomer(const std::string& name) {
  return NotFound("CUSTOMER_UNKNOWN", "no such customer", {{"name", name}});
}
inline Error ClientRequired() {
  return InvalidArgument("CLIENT_REQUIRED", "the caller serves several clients and names none",
                         {{"client", "is required"}});
}
inline Error CampaignExists(const std::string& code) {
  return AlreadyExists("CAMPAIGN_EXISTS", "the client has a campaign with this code", {{"code", code}});
}
inline Error InvalidCampaign(std::vector<Violation> violations) {
  return InvalidArgument("CAMPAIGN_INVALID", "the campaign cannot be run so", std::move(violations));
}
inline Error WrongState(pb::Campaign::State state, const std::string& field = {}) {
  std::map<std::string, std::string> metadata{{"state", pb::Campaign::State_Name(state)}};
  if (!field.empty()) metadata["field"] = field;
  return FailedPrecondition("CAMPAIGN_STATE", "not possible in state " + pb::Campaign::State_Name(state),
                            std::move(metadata));
}
inline Error Incomplete(const std::string& field) {
  return FailedPrecondition("CAMPAIGN_INCOMPLETE", field + " is missing", {{"field", field}});
}
inline Error ApproverIsAuthor() {
  return FailedPrecondition("APPROVER_IS_AUTHOR", "a second person has to look at it");
}
inline Error ScriptNotApproved(const std::string& script) {
  return FailedPrecondition("SCRIPT_NOT_APPROVED", "no version of the script is approved",
                            {{"script", script}});
}
inline Error TargetsNotBuilt() {
  return FailedPrecondition("TARGETS_NOT_BUILT", "the target list is not ready");
}
inline Error BuildRunning() { return FailedPrecondition("BUILD_RUNNING", "the target list is being made"); }
inline Error StartTimePast() {
  return InvalidArgument("START_TIME_PAST", "the campaign has no start time that is still to come",
                         {{"start_time", "is past or missing"}});
}
inline Error EvaluationIncomplete(const std::string& field) {
  return FailedPrecondition("EVALUATION_INCOMPLETE", "evaluation." + field + " is missing",
                            {{"field", "evaluation." + field}});
}
inline Error InvalidScript(std::vector<Violation> violations) {
  return InvalidArgument("SCRIPT_INVALID", "the script cannot be spoken so", std::move(violations));
}
inline Error WrongState(pb::Script::State state) {
  return FailedPrecondition("SCRIPT_STATE", "not possible in state " + pb::Script::State_Name(state),
                            {{"state", pb::Script::State_Name(state)}});
}
inline Error ScriptIncomplete(const std::string& field) {
  return FailedPrecondition("SCRIPT_INCOMPLETE", field + " is missing", {{"field", field}});
}
inline Error NotConnected() {
  return FailedPrecondition("ATTEMPT_NOT_CONNECTED", "nobody has spoken with the customer");
}
inline Error NotYours() {
  return PermissionDenied("ATTEMPT_NOT_YOURS", "another agent spoke with the customer");
}
inline Error LineWord(pb::Disposition disposition) {
  return InvalidArgument("DISPOSITION_NOT_YOURS",
                         pb::Disposition_Name(disposition) + " is for the line to say",
                         {{"disposition", "only the line says this"}});
}
inline Error CallbackTimeRequired() {
  return InvalidArgument("CALLBACK_TIME_REQUIRED", "a booked call needs a time",
                         {{"next_callback_time", "is required with CALLBACK_BOOKED"}});
}
inline Error CallbackTimeInvalid() {
  return InvalidArgument("CALLBACK_TIME_INVALID", "nobody may be called then",
                         {{"next_callback_time", "is past or outside the callee's hours"}});
}
inline Error DoNotCallSubject() {
  return InvalidArgument("DO_NOT_CALL_SUBJECT", "an entry is about a customer or a number",
                         {{"do_not_call_entry", "exactly one of customer and number is needed"}});
}
inline Error TokenInvalid() {
  return InvalidArgument("DIAL_TOKEN_INVALID", "not a dial token of ours", {{"dial_token", "is not valid"}});
}
inline Error TokenUsed() {
  return FailedPrecondition("DIAL_TOKEN_USED", "another call has redeemed the token");
}
inline Error TokenExpired() { return FailedPrecondition("DIAL_TOKEN_EXPIRED", "the lease is over"); }
inline Error DialRefused(pb::Refusal refusal) {
  return FailedPrecondition("DIAL_REFUSED", "the customer may not be called now",
                            {{"refusal", pb::Refusal_Name(refusal)}});
}

}  // namespace carillon::campaign::errors
