#include "base/proto_time.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/attempt.hpp"
#include "campaign/domain/errors.hpp"
#include "campaign/store/attempts.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::api {
namespace {

/// agents/{uuid} and users/{uuid} of one person have the same uuid.
bool IsAgent(const Call& call, const pb::Attempt& attempt) {
  return !attempt.agent().empty() && attempt.agent() == "agents/" + call.principal.user;
}

}  // namespace

Result<pb::Attempt> RecordDisposition(Call& call, Deps& deps, const pb::RecordDispositionRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Attempt> {
    TRY(const auto before, store::LockAttempt(tx, in.name()));
    TRY(const auto campaign, store::LoadCampaign(tx, before.attempt().campaign()));
    if (campaign.state() == pb::Campaign::CLOSED) return errors::WrongState(campaign.state());
    if (before.attempt().has_connect_time() && !IsAgent(call, before.attempt()) &&
        !call.principal.May("campaign.manage"))
      return errors::NotYours();
    std::optional<TimePoint> callback;
    if (in.has_next_callback_time()) callback = FromProto(in.next_callback_time());
    auto after = before;
    TRY_VOID(domain::Say(in.disposition(), callback, domain::LegalHours(domain::ZoneOf(campaign, deps.zone)),
                         call.now, after));
    if (!in.work_order().empty()) after.mutable_attempt()->set_work_order(in.work_order());
    TRY_VOID(store::Learn(tx, before, after));
    return after.attempt();
  });
}

}  // namespace carillon::campaign::api
