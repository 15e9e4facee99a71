#include "campaign/jobs/sweep.hpp"

#include "base/proto_time.hpp"
#include "campaign/domain/attempt.hpp"
#include "campaign/domain/campaign.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::jobs {
namespace {

namespace pb = carillon::campaign::v1;
using Due = std::vector<std::pair<std::string, std::string>>;

Result<void> EndWaiting(pg::Tx& tx, const std::string& name) {
  TRY(const auto before, store::LockAttempt(tx, name));
  const auto until = domain::WaitsUntil(before);
  if (!until || *until > tx.now()) return Ok();
  if (before.attempt().state() == pb::Attempt::LEASED) return store::Release(tx, before);
  auto after = before;
  *after.mutable_give_up_time() = ToProto(tx.now());
  return store::Learn(tx, before, after);
}

Result<void> Move(pg::Tx& tx, const std::string& name) {
  TRY(const auto before, store::LockCampaign(tx, name));
  const auto after = domain::Swept(before, store::HasOpenTargets(tx, name), tx.now());
  if (after.etag() == before.etag()) return Ok();
  TRY_VOID(store::ChangeCampaign(tx, after));
  if (after.state() != pb::Campaign::FOLLOW_UP) return Ok();
  return store::ReleaseLeases(tx, name, true);
}

}  // namespace

void Sweep(const Call& call, api::Deps& deps,
           const std::function<Call(const std::string& tenant)>& call_for) {
  const auto each = [&](Due (*find)(pg::Tx&, TimePoint), Result<void> (*end)(pg::Tx&, const std::string&)) {
    const auto due = deps.worker_db.Read(call, [&](pg::Tx& tx) -> Result<Due> { return find(tx, call.now); });
    if (!due) return;
    for (const auto& [tenant, name] : *due)
      (void)deps.db.Write(call_for(tenant), [&](pg::Tx& tx) { return end(tx, name); });
  };
  each(store::OverdueAttempts, EndWaiting);
  each(store::DueCampaigns, Move);
}

}  // namespace carillon::campaign::jobs
