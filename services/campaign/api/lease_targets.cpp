#include <algorithm>

#include "base/proto_time.hpp"
#include "campaign/api/gatekeeper.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/grant.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::api {
namespace {

constexpr std::chrono::minutes kLease{10};
// A promised call that is due within this time keeps an agent for itself: as long as a conversation takes, or
// the agent who is free now would be busy when the promise falls due.
constexpr std::chrono::minutes kSoon{4};

using Records = std::vector<pb::AttemptRecord>;

/// Takes what may be taken now, under the lock of the queue.
Result<Records> Claim(pg::Tx& tx, const Deps& deps, const pb::LeaseTargetsRequest& in) {
  TRY(const auto campaign, store::HoldCampaign(tx, in.campaign()));
  if (!in.request_id().empty()) {
    if (auto earlier = store::AttemptsOfLease(tx, in.request_id()); !earlier.empty()) return earlier;
  }
  if (!domain::Dials(campaign.state(), true) || campaign.queue().empty()) return Records();
  const auto zone = domain::ZoneOf(campaign, deps.zone);
  if (!domain::LegalHours(zone).IsOpen(tx.now())) return Records();
  store::LockQueue(tx, campaign.queue());
  const domain::Agents agents{in.ready_agents(), campaign.reserved_agents(),
                              store::CountLooking(tx, campaign.queue())};
  const int grant = domain::Grant(agents);
  if (grant == 0) return Records();
  const store::Lease lease{campaign, in.dialer(), in.request_id(), tx.now() + kLease};
  const int due = store::CountCallbacks(tx, campaign.queue(), tx.now() + kSoon);
  auto claimed = store::ClaimCallbacks(tx, lease, std::min(grant, in.max_targets()));
  const int taken = static_cast<int>(claimed.size());
  const int rest = std::min(domain::GrantBesideCallbacks(grant, taken, due), in.max_targets() - taken);
  if (rest > 0 && domain::Dials(campaign.state(), false) &&
      domain::CallingHours(zone, campaign.windows()).IsOpen(tx.now())) {
    auto others = store::ClaimTargets(tx, lease, rest);
    std::move(others.begin(), others.end(), std::back_inserter(claimed));
  }
  return claimed;
}

std::vector<std::string> NamesOf(const Records& records, const std::string& (pb::Attempt::*name)() const) {
  std::vector<std::string> names;
  for (const auto& record : records) names.push_back((record.attempt().*name)());
  return names;
}

/// Asks the gate for those that wait for it; the ones that passed stay LEASED.
Result<void> Decide(pg::Tx& tx, const Deps& deps, const pb::LeaseTargetsRequest& in, const Records& claimed,
                    const std::map<std::string, clients::Customer>& customers) {
  TRY(const auto campaign, store::HoldCampaign(tx, in.campaign()));
  auto waiting = store::LockUnchecked(tx, NamesOf(claimed, &pb::Attempt::name));
  const auto gates = AskGate(tx, deps, campaign, waiting, customers);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (gates[i].refusal() == pb::REFUSAL_UNSPECIFIED)
      store::Check(tx, waiting[i], gates[i]);
    else
      TRY_VOID(store::Refuse(tx, std::move(waiting[i]), gates[i]));
  }
  return Ok();
}

Result<void> GiveBack(pg::Tx& tx, const Records& claimed) {
  for (auto& record : store::LockUnchecked(tx, NamesOf(claimed, &pb::Attempt::name)))
    TRY_VOID(store::Release(tx, std::move(record)));
  return Ok();
}

}  // namespace

Result<pb::LeaseTargetsResponse> LeaseTargets(Call& call, Deps& deps, const pb::LeaseTargetsRequest& in) {
  TRY(const auto claimed, deps.db.Write(call, [&](pg::Tx& tx) { return Claim(tx, deps, in); }));
  pb::LeaseTargetsResponse out;
  if (claimed.empty()) return out;
  const auto customers = AskCustomers(call, deps, NamesOf(claimed, &pb::Attempt::customer));
  if (!customers) {
    // What cannot be given back now is when its lease is over.
    (void)deps.db.Write(call, [&](pg::Tx& tx) { return GiveBack(tx, claimed); });
    return Unavailable("CUSTOMER_UNAVAILABLE", "the customer master cannot be asked");
  }
  TRY_VOID(deps.db.Write(call, [&](pg::Tx& tx) { return Decide(tx, deps, in, claimed, *customers); }));
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) -> Result<void> {
    out.Clear();
    for (const auto& one : claimed) {
      TRY(const auto record, store::LoadAttempt(tx, one.attempt().name()));
      const auto& attempt = record.attempt();
      if (attempt.state() != pb::Attempt::LEASED) continue;
      auto& lease = *out.add_leases();
      lease.set_attempt(attempt.name());
      lease.set_dial_token(
          deps.vault.Sign({call.principal.tenant, attempt.name(), FromProto(attempt.lease_expire_time())}));
      *lease.mutable_expire_time() = attempt.lease_expire_time();
    }
    return Ok();
  }));
  return out;
}

}  // namespace carillon::campaign::api
