#include "campaign/dialer/dialer.hpp"

#include <unistd.h>

#include <csignal>
#include <latch>

#include "base/proto_time.hpp"
#include "obs/log.hpp"

namespace carillon::dialer {
namespace {

using namespace std::chrono_literals;

/// Queues dialled for at once; a turn of one is three short questions and the calls themselves.
constexpr int kQueuesAtOnce = 8;
/// A count of free agents that is older than this is not leased against.
constexpr auto kCountHolds = 1s;

obs::Counter Calls(const std::string& result) {
  return obs::CounterOf("carillon_dialer_calls_total", "calls asked for, by what became of the asking",
                        {{"result", result}});
}

void Failed(const char* what, const std::string& of, const Error& error) {
  obs::CounterOf("carillon_dialer_failures_total", "questions that were not answered", {{"question", what}})
      .Add();
  obs::Warn("a question was not answered", {{"question", what}, {"of", of}, {"reason", error.reason}});
}

}  // namespace

Dialer::Dialer(host::Host& host, const Settings& settings)
    : host_(host),
      settings_(settings),
      platform_(host.peer("campaign"), host.peer("routing"), host.peer("telephony"),
                std::chrono::milliseconds(settings.timeout_ms)),
      next_turn_(Steady::now()),
      wait_(settings.poll_ms),
      leased_(obs::CounterOf("carillon_dialer_leased_total", "targets leased")),
      originated_(Calls("originated")),
      refused_(Calls("refused")),
      expired_(Calls("expired")),
      empty_turns_(obs::CounterOf("carillon_dialer_empty_turns_total", "looks that found no work")),
      calls_(std::make_unique<runtime::Executor>("calls", settings.threads, 10'000)),
      queues_(std::make_unique<runtime::Executor>("queues", kQueuesAtOnce, 10'000)) {
  if (settings.until_done && (settings.tenant.empty() || settings.campaign.empty()))
    throw std::runtime_error("until_done needs the settings tenant and campaign");
  host.Every("dial", std::chrono::milliseconds(settings.poll_ms), [this](Call&) { Turn(); });
  host.OnDrain([this] {
    drained_ = Steady::now() + std::chrono::milliseconds(host_.settings().drain_ms);
    stopping_ = true;
  });
  host.OnStop([this] {
    queues_.reset();
    calls_.reset();
  });
}

Call Dialer::CallFor(const std::string& tenant) const {
  return host_.CallFor(tenant, std::chrono::milliseconds(settings_.timeout_ms));
}

bool Dialer::MayGoOn() const { return !stopping_ || Steady::now() < drained_.load(); }

void Dialer::Turn() {
  if (stopping_ || Steady::now() < next_turn_) return;
  const auto listed = platform_.ListWork(CallFor(settings_.tenant));
  if (!listed) Failed("work", "all", listed.error());
  const auto queues = listed ? domain::ByQueue(*listed, settings_.tenant, settings_.campaign)
                             : std::vector<domain::QueueWork>();
  for (const auto& work : queues) {
    const auto key = work.tenant + work.queue;
    {
      const std::lock_guard lock(mutex_);
      if (!busy_.insert(key).second) continue;  // its turn is still under way
    }
    const bool taken = queues_->Submit([this, work, key] {
      DialQueue(work);
      const std::lock_guard lock(mutex_);
      busy_.erase(key);
    });
    if (taken) continue;
    const std::lock_guard lock(mutex_);
    busy_.erase(key);
  }
  if (listed && queues.empty()) {
    empty_turns_.Add();
    if (settings_.until_done) EndWhenOver();
  }
  wait_ = domain::NextWait(wait_, !queues.empty(), std::chrono::milliseconds(settings_.poll_ms),
                           std::chrono::milliseconds(settings_.idle_poll_ms));
  // The next tick is an interval away; half of one is left to its unevenness.
  next_turn_ = Steady::now() + wait_ - std::chrono::milliseconds(settings_.poll_ms) / 2;
}

void Dialer::DialQueue(const domain::QueueWork& work) {
  const auto counted = Steady::now();
  const auto ready = platform_.ReadyAgents(CallFor(work.tenant), work.queue);
  if (!ready) return Failed("agents", work.queue, ready.error());
  int leased = 0;
  for (const auto& campaign : work.campaigns) {
    if (stopping_ || Steady::now() - counted > kCountHolds) return;  // the next turn counts anew
    DialCampaign(work, campaign, *ready, leased);
  }
}

void Dialer::DialCampaign(const domain::QueueWork& work, const std::string& campaign, int ready,
                          int& leased) {
  const int most = domain::MostTargets(ready, leased, settings_.most_targets);
  if (most == 0) return;
  const auto granted =
      platform_.Lease(CallFor(work.tenant), campaign, host_.settings().instance, ready, most);
  if (!granted) return Failed("lease", campaign, granted.error());
  leased += granted->leases_size();
  leased_.Add(granted->leases_size());
  std::latch asked(granted->leases_size());
  for (const auto& lease : granted->leases()) {
    const auto ask = [&] {
      Originate(work.tenant, lease);
      asked.count_down();
    };
    if (!calls_->Submit(ask)) ask();
  }
  asked.wait();
}

void Dialer::Originate(const std::string& tenant, const campaign::v1::LeaseTargetsResponse::Lease& lease) {
  const auto expires = FromProto(lease.expire_time());
  while (host_.clock().Now() < expires && MayGoOn()) {
    const auto made = platform_.Originate(CallFor(tenant), lease.dial_token());
    if (made) return originated_.Add();
    if (made.error().code == Code::kUnavailable || made.error().code == Code::kDeadlineExceeded) continue;
    refused_.Add();
    return obs::Warn("telephony refused a call",
                     {{"attempt", lease.attempt()}, {"reason", made.error().reason}});
  }
  expired_.Add();
  obs::Warn("a lease ran out before telephony took the call", {{"attempt", lease.attempt()}});
}

void Dialer::EndWhenOver() {
  const auto over = platform_.CampaignIsOver(CallFor(settings_.tenant), "campaigns/" + settings_.campaign);
  if (!over) return Failed("campaign", settings_.campaign, over.error());
  if (!*over || stopping_) return;
  obs::Info("the campaign is over", {{"campaign", settings_.campaign}});
  ::kill(::getpid(), SIGTERM);  // what the host waits for
}

}  // namespace carillon::dialer
