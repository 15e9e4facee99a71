#pragma once
#include <chrono>
#include <string>

#include "carillon/campaign/v1/campaign_service.pb.h"
#include "rpc/peer.hpp"

namespace carillon::dialer::clients {

namespace pb = carillon::campaign::v1;

/// The services a dialer works with, in its words. Every method may be repeated; `timeout` bounds each with
/// the tries that UNAVAILABLE costs. Thread-safe.
class Platform {
 public:
  Platform(rpc::Peer& campaign, rpc::Peer& routing, rpc::Peer& telephony, std::chrono::milliseconds timeout)
      : campaign_(campaign), routing_(routing), telephony_(telephony), timeout_(timeout) {}

  /// Over all tenants.
  Result<pb::ListDialWorkResponse> ListWork(const Call& call);
  /// Agents of the queue who are free now.
  Result<int> ReadyAgents(const Call& call, const std::string& queue);
  Result<pb::LeaseTargetsResponse> Lease(const Call& call, const std::string& campaign,
                                         const std::string& dialer, int ready, int most);
  /// Has the call made that the token is good for; a repeat is the same call.
  Result<void> Originate(const Call& call, const std::string& dial_token);
  /// See domain::IsOver.
  Result<bool> CampaignIsOver(const Call& call, const std::string& campaign);

 private:
  rpc::Peer &campaign_, &routing_, &telephony_;
  std::chrono::milliseconds timeout_;
};

}  // namespace carillon::dialer::clients
