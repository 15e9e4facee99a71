#pragma once
#include <chrono>
#include <string>

#include "rpc/peer.hpp"
#include "telephony/domain/call.hpp"

namespace carillon::telephony::clients {

namespace pb = carillon::telephony::v1;

/// Who decides whether an outbound call may be made. Thread-safe.
class Campaign {
 public:
  Campaign(rpc::Peer& peer, std::chrono::milliseconds timeout) : peer_(peer), timeout_(timeout) {}

  /// Redeems the token for the call `of`; again for the same call, with the same answer. Errors are the
  /// peer's: a transient one is to be tried again, any other is a refusal.
  Result<domain::DialOrder> Redeem(const Call& call, const std::string& of, const std::string& dial_token);

 private:
  rpc::Peer& peer_;
  std::chrono::milliseconds timeout_;
};

}  // namespace carillon::telephony::clients
