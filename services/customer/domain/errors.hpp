#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

/// The catalogue of reasons this service gives; the comments of the .proto quote them.
namespace carillon::customer::errors {

inline Error Unknown(const std::string& name) {
  return NotFound("CUSTOMER_UNKNOWN", "there is no " + name, {{"customer", name}});
}
inline Error Invalid(std::vector<Violation> violations) {
  return InvalidArgument("CUSTOMER_INVALID", "the customer has fields that can not be",
                         std::move(violations));
}
inline Error ClientRequired() {
  return InvalidArgument("CLIENT_REQUIRED", "the caller serves several clients: say whose customer it is",
                         {{"customer.client", "is required of a user who serves several clients"}});
}
inline Error ClientForbidden() {
  return PermissionDenied("CLIENT_FORBIDDEN", "the caller does not serve this client");
}
inline Error Exists(const std::string& name) {
  return AlreadyExists("CUSTOMER_EXISTS", "the identifier or source record is " + name + "'s",
                       name.empty() ? std::map<std::string, std::string>{}
                                    : std::map<std::string, std::string>{{"customer", name}});
}
inline Error Closed(const std::string& name) {
  return FailedPrecondition("CUSTOMER_CLOSED", name + " is closed", {{"customer", name}});
}
inline Error Merged(const std::string& name, const std::string& into) {
  return FailedPrecondition("CUSTOMER_MERGED", name + " went into " + into,
                            {{"customer", name}, {"merged_into", into}});
}
inline Error Erased(const std::string& name) {
  return FailedPrecondition("CUSTOMER_ERASED", name + " is erased", {{"customer", name}});
}
inline Error Blocked(const std::string& alert, const std::string& code) {
  return FailedPrecondition("CUSTOMER_BLOCKED", "the alert " + code + " forbids changing accounts",
                            {{"alert", alert}, {"code", code}});
}
inline Error HasAccounts(const std::string& name) {
  return FailedPrecondition("CUSTOMER_HAS_ACCOUNTS", name + " holds an account that is not closed",
                            {{"customer", name}});
}
inline Error AlertUnknown(const std::string& name) {
  return NotFound("ALERT_UNKNOWN", "there is no " + name, {{"alert", name}});
}
inline Error AlertExpired() {
  return InvalidArgument("ALERT_EXPIRED", "the alert would end before it begins",
                         {{"alert.expire_time", "is not after now"}});
}
inline Error SupervisorRequired(const std::string& code) {
  auto error = PermissionDenied("SUPERVISOR_REQUIRED", "a supervisor alone takes back the alert " + code);
  error.metadata = {{"code", code}, {"permission", "routing.supervise"}};
  return error;
}
inline Error LastContactUnknown(const std::string& name) {
  return NotFound("LAST_CONTACT_UNKNOWN", "there was no contact: " + name, {{"last_contact", name}});
}
inline Error PasswordTooSimple() {
  return InvalidArgument("PASSWORD_TOO_SIMPLE", "the password is one digit repeated or a run of digits",
                         {{"password", "is one digit repeated or a run of digits"}});
}
inline Error PasswordNotSet(const std::string& name) {
  return FailedPrecondition("PASSWORD_NOT_SET", name + " has no service password", {{"customer", name}});
}
inline Error PasswordLocked(const std::string& name, const std::string& until) {
  return FailedPrecondition("PASSWORD_LOCKED", "the service password is locked until " + until,
                            {{"customer", name}, {"locked_until", until}});
}
inline Error MergeImpossible(const std::string& why) {
  return InvalidArgument("MERGE_IMPOSSIBLE", "the two can not be one", {{"customers", why}});
}
inline Error NotMerged(const std::string& name) {
  return FailedPrecondition("NOT_MERGED", name + " went into nobody", {{"customer", name}});
}
inline Error UnmergeTooLate(const std::string& name) {
  return FailedPrecondition("UNMERGE_TOO_LATE", name + " was merged too long ago", {{"customer", name}});
}
inline Error SourceSystemUnknown(const std::string& name) {
  return NotFound("SOURCE_SYSTEM_UNKNOWN", "there is no " + name, {{"source_system", name}});
}
inline Error SyncJobUnknown(const std::string& name) {
  return NotFound("SYNC_JOB_UNKNOWN", "there is no " + name, {{"sync_job", name}});
}
inline Error SyncDone(const std::string& name) {
  return FailedPrecondition("SYNC_DONE", name + " is done", {{"sync_job", name}});
}
inline Error SubscriptionUnknown(const std::string& name) {
  return NotFound("SUBSCRIPTION_UNKNOWN", "there is no " + name, {{"subscription", name}});
}
inline Error CursorInvalid() {
  return InvalidArgument("CURSOR_INVALID", "the cursor is none that FetchChanges gave",
                         {{"cursor", "is none that FetchChanges gave"}});
}
inline Error OffsetAhead(std::int64_t offset) {
  return InvalidArgument("OFFSET_AHEAD", "bytes from " + std::to_string(offset) + " on are missing",
                         {{"offset", "leaves a gap"}});
}
inline Error RowTooLong() {
  return InvalidArgument("ROW_TOO_LONG", "the piece holds no whole row", {{"data", "holds no whole row"}});
}
inline Error ColumnsInvalid(std::vector<Violation> violations) {
  return InvalidArgument("COLUMNS_INVALID", "the columns can not be taken over", std::move(violations));
}
inline Error MergeCaseUnknown(const std::string& name) {
  return NotFound("MERGE_CASE_UNKNOWN", "there is no " + name, {{"merge_case", name}});
}
inline Error CaseDecided(const std::string& name) {
  return FailedPrecondition("CASE_DECIDED", name + " is decided", {{"merge_case", name}});
}
inline Error PolicyInvalid(std::vector<Violation> violations) {
  return InvalidArgument("POLICY_INVALID", "the levels do not fit the rules", std::move(violations));
}
inline Error CodeUnknown(const std::string& field, const std::string& code) {
  return InvalidArgument("CODE_UNKNOWN", code + " is not in the list", {{field, "is not in the list"}});
}
inline Error InteractionInvalid(std::vector<Violation> violations) {
  return InvalidArgument("INTERACTION_INVALID", "the contact can not have been so", std::move(violations));
}
inline Error RelationshipInvalid(std::vector<Violation> violations) {
  return InvalidArgument("RELATIONSHIP_INVALID", "the two can not stand so", std::move(violations));
}
inline Error RelationshipExists(const std::string& name) {
  return AlreadyExists("RELATIONSHIP_EXISTS", "the same relationship of " + name + " holds",
                       {{"customer", name}});
}
inline Error RelationshipUnknown(const std::string& name) {
  return NotFound("RELATIONSHIP_UNKNOWN", "there is no " + name, {{"relationship", name}});
}
inline Error AssignmentUnknown(const std::string& name) {
  return NotFound("ASSIGNMENT_UNKNOWN", "there is no " + name, {{"assignment", name}});
}
inline Error ManagerRequired() {
  return InvalidArgument("MANAGER_REQUIRED", "say whose customers",
                         {{"manager", "is required for all customers"}});
}
inline Error VersionUnknown(const std::string& name) {
  return NotFound("VERSION_UNKNOWN", name + " was not kept that early", {{"customer", name}});
}
inline Error ConsentInvalid(std::vector<Violation> violations) {
  return InvalidArgument("CONSENT_INVALID", "a consent needs a proof", std::move(violations));
}
inline Error Held(const std::string& alert, const std::string& code) {
  return FailedPrecondition("CUSTOMER_HELD", "the alert " + code + " forbids erasing",
                            {{"alert", alert}, {"code", code}});
}
inline Error CustomFieldInvalid(std::vector<Violation> violations) {
  return InvalidArgument("CUSTOM_FIELD_INVALID", "the definition can not be", std::move(violations));
}
inline Error FieldNotIndexed(const std::string& key) {
  return InvalidArgument("FIELD_NOT_INDEXED", "nobody is found by " + key,
                         {{"custom_field.key", "is no indexed custom field"}});
}
inline Error CustomFieldKind(const std::string& name, const std::string& kind) {
  return FailedPrecondition("CUSTOM_FIELD_KIND", name + " is a " + kind + " and stays one",
                            {{"custom_field", name}, {"kind", kind}});
}
inline Error RuleInvalid(std::vector<Violation> violations) {
  return InvalidArgument("RULE_INVALID", "the rule can not be asked", std::move(violations));
}
inline Error QualityIssueUnknown(const std::string& name) {
  return NotFound("QUALITY_ISSUE_UNKNOWN", "there is no " + name, {{"quality_issue", name}});
}
inline Error QualityIssueResolved(const std::string& name) {
  return FailedPrecondition("QUALITY_ISSUE_RESOLVED", name + " is resolved", {{"quality_issue", name}});
}
inline Error QualityIssueStands(const std::string& name) {
  return FailedPrecondition("QUALITY_ISSUE_STANDS", "the record does not pass the rule of " + name,
                            {{"quality_issue", name}});
}
inline Error FilterInvalid(std::vector<Violation> violations) {
  return InvalidArgument("FILTER_INVALID", "no customer can pass the filter", std::move(violations));
}
inline Error SelectionUnknown(const std::string& name) {
  return NotFound("SELECTION_UNKNOWN", "there is no " + name, {{"selection", name}});
}
inline Error SelectionTooLarge(std::int64_t most) {
  return FailedPrecondition("SELECTION_TOO_LARGE", "more customers pass the filter than a selection holds",
                            {{"most", std::to_string(most)}});
}
inline Error QueryRequired() {
  return InvalidArgument("QUERY_REQUIRED",
                         "give exactly one of text, phone_suffix, identifier, account_number, custom_field, "
                         "service_address");
}
inline Error QueryTooShort(const std::string& field) {
  return InvalidArgument("QUERY_TOO_SHORT", "the query says too little",
                         {{field, "says too little to search by"}});
}

}  // namespace carillon::customer::errors
