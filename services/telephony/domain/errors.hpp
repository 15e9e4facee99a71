#pragma once
#include <string>

#include "base/result.hpp"

/// The reasons telephony gives, all of them.
namespace carillon::telephony::errors {

inline Error CallUnknown(const std::string& name) {
  return NotFound("CALL_UNKNOWN", "There is no call " + name + ".", {{"call", name}});
}
inline Error LegUnknown(const std::string& leg) {
  return NotFound("LEG_UNKNOWN", "The call has no leg " + leg + ".", {{"leg", leg}});
}
inline Error CallOver(const std::string& name) {
  return FailedPrecondition("CALL_OVER", "The call is over, or is being released.", {{"call", name}});
}
inline Error CallHasAgent(const std::string& leg) {
  return FailedPrecondition("CALL_HAS_AGENT", "Another agent's extension rings for the call.",
                            {{"leg", leg}});
}
inline Error CallNotEstablished(const std::string& name) {
  return FailedPrecondition("CALL_NOT_ESTABLISHED", "No agent speaks with the caller.", {{"call", name}});
}
inline Error CallNotYours(const std::string& name) {
  return FailedPrecondition("CALL_NOT_YOURS", "You do not speak with the caller of this call.",
                            {{"call", name}});
}
inline Error AssistanceActive(const std::string& assistance) {
  return FailedPrecondition("ASSISTANCE_ACTIVE", "The caller is in a flow already.",
                            {{"assistance", assistance}});
}
inline Error CallNotAnswered(const std::string& name) {
  return FailedPrecondition("CALL_NOT_ANSWERED", "The called customer has not answered.", {{"call", name}});
}
inline Error CallNotDialled(const std::string& name) {
  return FailedPrecondition("CALL_NOT_DIALLED", "Nobody was to be rung for this call.", {{"call", name}});
}
inline Error CallDataTooLarge(std::size_t bytes) {
  return InvalidArgument("CALL_DATA_TOO_LARGE", "Keys and values together would pass 64 KiB.",
                         {{"data", std::to_string(bytes) + " bytes, at most 65536"}});
}
inline Error DirectiveUnknown() {
  return InvalidArgument("DIRECTIVE_UNKNOWN", "No directive of this version was given.",
                         {{"directive_version", "is above the call's latest"}});
}
inline Error SwitchUnreachable() {
  return Unavailable("SWITCH_UNREACHABLE",
                     "No line to the switch is open; keys are not kept to be sent later.");
}
inline Error IvrUnavailable() {
  return Unavailable("IVR_UNAVAILABLE", "The menu cannot be reached; a secret is not kept to be sent later.");
}

}  // namespace carillon::telephony::errors
