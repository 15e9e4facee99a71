#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "campaign/dialer/clients/platform.hpp"
#include "campaign/dialer/domain/turn.hpp"
#include "campaign/dialer/settings.hpp"
#include "host/host.hpp"
#include "obs/metrics.hpp"
#include "runtime/executor.hpp"

namespace carillon::dialer {

/// The outbound job: asks campaign for work, routing for free agents, campaign for leases, telephony for
/// calls.
///
/// Holds nothing that matters: what a dialer dies with is a lease, which expires, or a token that telephony
/// has already. Any number run at once; campaign sees to it that no target is leased twice. A queue whose
/// services are slow does not hold up another. From the moment it is told to stop it takes no lease, and goes
/// on asking for the calls it holds tokens for until drain_ms are over.
class Dialer {
 public:
  static constexpr const char* kName = "dialer";
  using Settings = dialer::Settings;
  /// Throws when until_done names no campaign.
  Dialer(host::Host& host, const Settings& settings);

 private:
  using Steady = std::chrono::steady_clock;
  void Turn();
  void DialQueue(const domain::QueueWork& work);
  void DialCampaign(const domain::QueueWork& work, const std::string& campaign, int ready, int& leased);
  /// Asks for one call until it is taken, refused, or the lease is over.
  void Originate(const std::string& tenant, const campaign::v1::LeaseTargetsResponse::Lease& lease);
  void EndWhenOver();
  bool MayGoOn() const;
  Call CallFor(const std::string& tenant) const;

  host::Host& host_;
  const Settings settings_;
  clients::Platform platform_;
  std::atomic<bool> stopping_ = false;
  std::atomic<Steady::time_point> drained_ = Steady::time_point::max();

  Steady::time_point next_turn_;  // of the turns' thread, as is the wait
  std::chrono::milliseconds wait_;

  std::mutex mutex_;
  std::set<std::string> busy_;  // queues a turn is under way for

  obs::Counter leased_, originated_, refused_, expired_, empty_turns_;
  std::unique_ptr<runtime::Executor> calls_;  // outlives the queues' threads, which wait for it
  std::unique_ptr<runtime::Executor> queues_;
};

}  // namespace carillon::dialer
