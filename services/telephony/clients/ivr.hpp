#pragma once
#include <chrono>
#include <string>

#include "rpc/peer.hpp"
#include "telephony/domain/call.hpp"

namespace carillon::telephony::clients {

namespace pb = carillon::telephony::v1;

/// The menu, in telephony's words. Every method may be repeated. Errors are the peer's: transient ones are to
/// be tried again, NUMBER_UNKNOWN and FLOW_NOT_PUBLISHED mean that nothing serves the called number.
/// Thread-safe.
class Ivr {
 public:
  Ivr(rpc::Peer& peer, std::chrono::milliseconds timeout) : peer_(peer), timeout_(timeout) {}

  /// Of the call's own flow, or of `assistance`, which is the call's.
  Result<domain::MenuStep> Start(const Call& call, const pb::Call& of, const std::string& assistance = "");
  Result<domain::MenuStep> Answer(const Call& call, const pb::Call& of, const std::string& assistance,
                                  const pb::CallTask::SendInput& input);
  /// Carries a secret on and keeps nothing of it.
  Result<domain::MenuStep> AnswerSecret(const Call& call, const pb::Call& of, const std::string& digits);
  /// The caller is gone, or left the flow of `assistance`. Gives the interaction that the menu had handed
  /// over to, if it had ("" = none, also when there was no session).
  Result<std::string> End(const Call& call, const std::string& of, const std::string& assistance,
                          pb::Call::Cause cause);

 private:
  rpc::Peer& peer_;
  std::chrono::milliseconds timeout_;
};

}  // namespace carillon::telephony::clients
