#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/campaign/v1/contact_policy_service.pb.h"
#include "carillon/campaign/v1/dialling.pb.h"
#include "pg/tx.hpp"

/// Targets and their attempts. A change of either announces its event in the same transaction. Locks are
/// taken in one order: campaign, attempt, customer, target.
namespace carillon::campaign::store {

namespace pb = carillon::campaign::v1;

inline constexpr const char* kAttemptsTopic = "carillon.campaign.attempts.v1";

// Targets
// -----------------------------------------------------------------------------------------------------

/// NOT_FOUND TARGET_RECORD_UNKNOWN.
Result<pb::TargetRecord> LoadTarget(pg::Tx& tx, const std::string& name);
/// In the order they were listed, those after `after` (uuid).
std::vector<pb::TargetRecord> ListTargets(pg::Tx& tx, const pb::ListTargetRecordsRequest& in,
                                          const std::string& after, int size);
/// How many were added: a customer is a target once.
int AddTargets(pg::Tx& tx, const pb::Campaign& campaign, const std::vector<pb::TargetRecord>& targets);

/// Suppresses the customer's open targets of which `refusal` gives a reason, by contact class and campaign;
/// leases that are out are worthless from now on, calls in progress go on. Announces ContactRefused.
Result<void> SuppressTargets(pg::Tx& tx, const std::string& customer,
                             const std::function<pb::Refusal(pb::ContactClass)>& refusal);

// Attempts
// ----------------------------------------------------------------------------------------------------

/// NOT_FOUND ATTEMPT_UNKNOWN, as the next.
Result<pb::AttemptRecord> LoadAttempt(pg::Tx& tx, const std::string& name);
Result<pb::AttemptRecord> LockAttempt(pg::Tx& tx, const std::string& name);
/// The attempt that this call redeemed, calls/{uuid}; nothing for any other call.
std::optional<pb::AttemptRecord> LockAttemptOfCall(pg::Tx& tx, const std::string& call);

struct AttemptPage {
  std::vector<pb::Attempt> attempts;
  std::optional<std::string> next;  ///< key of the last row, when there are more
};
AttemptPage ListAttempts(pg::Tx& tx, const pb::ListAttemptsRequest& in, const std::string& after, int size);

/// Dialled attempts of the target since then that were no promised calls.
int CountAttempts(pg::Tx& tx, const std::string& target, TimePoint since);

// Leasing
// -----------------------------------------------------------------------------------------------------

/// Waits for others who lease for this queue, and keeps them waiting until the transaction ends.
void LockQueue(pg::Tx& tx, const std::string& queue);
/// Attempts of the queue that are not with an agent.
int CountLooking(pg::Tx& tx, const std::string& queue);
/// Promised calls of the queue due by then.
int CountCallbacks(pg::Tx& tx, const std::string& queue, TimePoint by);

/// Who leases, and for how long.
struct Lease {
  const pb::Campaign& campaign;
  std::string dialer;
  std::string request_id;  ///< may be empty
  TimePoint expires;
};
/// Takes up to `most` targets that are due, skipping those others have: their attempts, LEASED but not yet
/// checked, in the order they are to be called.
std::vector<pb::AttemptRecord> ClaimCallbacks(pg::Tx& tx, const Lease& lease, int most);
std::vector<pb::AttemptRecord> ClaimTargets(pg::Tx& tx, const Lease& lease, int most);
/// What an earlier try of the same lease took.
std::vector<pb::AttemptRecord> AttemptsOfLease(pg::Tx& tx, const std::string& request_id);
/// Of these (names) the ones that still wait for the gate, locked.
std::vector<pb::AttemptRecord> LockUnchecked(pg::Tx& tx, const std::vector<std::string>& names);

/// The gate let it through: the contact is reserved.
void Check(pg::Tx& tx, pb::AttemptRecord& record, const pb::GateResult& gate);
/// The gate did not: RELEASED, and the target is suppressed or waits. Announces ContactRefused.
Result<void> Refuse(pg::Tx& tx, pb::AttemptRecord record, const pb::GateResult& gate);
/// The lease is over without a call: the target may be leased again at once.
Result<void> Release(pg::Tx& tx, pb::AttemptRecord record);
/// All leases of a campaign that stops dialling; its promised calls stay when `callbacks_go_on`.
Result<void> ReleaseLeases(pg::Tx& tx, const std::string& campaign, bool callbacks_go_on);
/// The token was redeemed for this call. Announces AttemptDialled.
Result<void> Dial(pg::Tx& tx, pb::AttemptRecord& record, const std::string& call, const pb::GateResult& gate);

// Outcome
// -----------------------------------------------------------------------------------------------------

/// Saves what was learnt of a dialled attempt, which is locked: concludes it, settles its target, keeps or
/// drops the contact, puts the customer on the do-not-call list who wants that. Announces AttemptEnded
/// whenever an attempt that is over reads otherwise than before, SaleClosed and DoNotCallRequested when they
/// are new. Nothing happens when nothing was learnt.
Result<void> Learn(pg::Tx& tx, const pb::AttemptRecord& before, pb::AttemptRecord after);

/// A customer is not to be called for offers any more: the entry, DoNotCallRequested, and no open target is
/// left. `client` on whose behalf it was said, or "" for the tenant's own; `attempt` in which, or "".
Result<pb::DoNotCallEntry> StopOffers(pg::Tx& tx, const pb::DoNotCallEntry& entry, const std::string& client,
                                      const std::string& attempt);

/// (tenant, name) of attempts of which nothing more came in time, of every tenant: needs the worker's role.
std::vector<std::pair<std::string, std::string>> OverdueAttempts(pg::Tx& tx, TimePoint now);

/// Stages, dispositions, refusals and callbacks; times may be absent.
pb::Funnel ReadFunnel(pg::Tx& tx, const pb::GetFunnelRequest& in);

}  // namespace carillon::campaign::store
