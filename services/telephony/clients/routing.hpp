#pragma once
#include <chrono>
#include <string>

#include "rpc/peer.hpp"
#include "telephony/domain/call.hpp"

namespace carillon::telephony::clients {

namespace pb = carillon::telephony::v1;

/// Brings routing the customers who answered, and tells it what became of an interaction's media. Every
/// method may be repeated; a report about an interaction that routing does not know (any more) is a success.
/// Thread-safe.
class Routing {
 public:
  Routing(rpc::Peer& peer, std::chrono::milliseconds timeout) : peer_(peer), timeout_(timeout) {}

  /// An agent is wanted for an outbound call that was answered. Gives interactions/{uuid}, the same for a
  /// repeat.
  Result<std::string> Create(const Call& call, const pb::Call& of);
  Result<void> Connected(const Call& call, const pb::CallTask::MediaConnected& connected);
  Result<void> Failed(const Call& call, const pb::CallTask::MediaFailed& failed);
  Result<void> Ended(const Call& call, const std::string& of, const pb::CallTask::MediaEnded& ended);

 private:
  Result<void> Tell(const Call& call, const std::string& method, const google::protobuf::Message& request);
  rpc::Peer& peer_;
  std::chrono::milliseconds timeout_;
};

}  // namespace carillon::telephony::clients
