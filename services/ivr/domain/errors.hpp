#pragma once
#include <string>

#include "base/result.hpp"

/// The reasons ivr gives; the comments of the .proto files quote them.
namespace carillon::ivr::errors {

inline Error NumberUnknown(const std::string& number) {
  return NotFound("NUMBER_UNKNOWN", "no service number " + number, {{"number", number}});
}
inline Error SessionUnknown(const std::string& name) {
  return NotFound("SESSION_UNKNOWN", "there is no session " + name, {{"session", name}});
}
inline Error SequenceStale(std::int64_t given, std::int64_t current) {
  Error error = Aborted("SEQUENCE_STALE", "the answer is to step " + std::to_string(given) +
                                              ", the current one is " + std::to_string(current));
  error.metadata = {{"sequence", std::to_string(given)}, {"version", std::to_string(current)}};
  return error;
}
inline Error FlowUnknown(const std::string& name) {
  return NotFound("FLOW_UNKNOWN", "there is no flow " + name, {{"flow", name}});
}
inline Error FlowVersionUnknown(const std::string& name, int version) {
  return NotFound("FLOW_VERSION_UNKNOWN", name + " has no version " + std::to_string(version),
                  {{"flow", name}, {"version", std::to_string(version)}});
}
inline Error FlowExists(const std::string& code) {
  return AlreadyExists("FLOW_EXISTS", "the code " + code + " is in use", {{"code", code}});
}
inline Error FlowNotDraft(const std::string& name) {
  return FailedPrecondition("FLOW_NOT_DRAFT", "the newest version of " + name + " is published already",
                            {{"flow", name}});
}
inline Error FlowNotPublished(const std::string& name) {
  return FailedPrecondition("FLOW_NOT_PUBLISHED", name + " has no published version", {{"flow", name}});
}
inline Error FlowSelfApproved(const std::string& name) {
  return FailedPrecondition("FLOW_SELF_APPROVED", "the author of a version may not publish it",
                            {{"flow", name}});
}
inline Error FlowNotTested(const std::string& name) {
  return FailedPrecondition("FLOW_NOT_TESTED", "the tests of the newest version have not passed",
                            {{"flow", name}});
}
inline Error NoticeUnknown(const std::string& name) {
  return NotFound("NOTICE_UNKNOWN", "there is no notice " + name, {{"notice", name}});
}
inline Error NoticeSelfApproved(const std::string& name) {
  return FailedPrecondition("NOTICE_SELF_APPROVED", "the author of a notice may not approve it",
                            {{"notice", name}});
}
inline Error AnnouncementUnknown(const std::string& name) {
  return NotFound("ANNOUNCEMENT_UNKNOWN", "there is no announcement " + name, {{"announcement", name}});
}
inline Error AnnouncementSelfApproved(const std::string& name) {
  return FailedPrecondition("ANNOUNCEMENT_SELF_APPROVED", "the author of an announcement may not approve it",
                            {{"announcement", name}});
}
inline Error MessageUnknown(const std::string& name) {
  return NotFound("MESSAGE_UNKNOWN", "there is no message " + name, {{"message", name}});
}
inline Error FlowNeverReturns(const std::string& code) {
  return FailedPrecondition("FLOW_NEVER_RETURNS", "the flow " + code + " has no way back to the agent",
                            {{"flow", code}});
}
inline Error SpanEmpty() {
  return InvalidArgument("SPAN_EMPTY", "a report ends after it began",
                         {{"end_time", "is not after start_time"}});
}
inline Error ReportTooLarge(int most) {
  return InvalidArgument("REPORT_TOO_LARGE",
                         "a report has at most " + std::to_string(most) +
                             " groups; ask for fewer dimensions, longer intervals or a shorter time",
                         {{"group_by", "makes too many groups"}});
}
inline Error TimeZoneUnknown(const std::string& zone) {
  return InvalidArgument("TIME_ZONE_UNKNOWN", "no such zone: " + zone, {{"time_zone", "is not known"}});
}
inline Error DefaultMenuMissing() {
  return InvalidArgument("DEFAULT_MENU_MISSING", "one menu with an empty selector is needed",
                         {{"service_number.menus", "none of them is the default"}});
}

}  // namespace carillon::ivr::errors
