#pragma once
#include "campaign/api/deps.hpp"
#include "campaign/store/campaigns.hpp"
#include "campaign/store/scripts.hpp"
#include "rpc/page.hpp"

namespace carillon::campaign::api {

/// The way of every change of a campaign: lock it, check that it is the one the caller saw, decide, save and
/// announce. `then` does what else belongs to it, in the same transaction.
template <class Request, class Decide, class Then>
Result<pb::Campaign> Change(Call& call, Deps& deps, const Request& in, Decide decide, Then then) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Campaign> {
    TRY(const auto before, store::LockCampaign(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const pb::Campaign after, decide(tx, ActorOf(call, deps), before));
    TRY_VOID(store::ChangeCampaign(tx, after));
    TRY_VOID(then(tx, after));
    return after;
  });
}

template <class Request, class Decide>
Result<pb::Campaign> Change(Call& call, Deps& deps, const Request& in, Decide decide) {
  return Change(call, deps, in, decide, [](pg::Tx&, const pb::Campaign&) { return Ok(); });
}

/// The same for the newest version of a script.
template <class Request, class Decide, class Then>
Result<pb::Script> ChangeScript(Call& call, Deps& deps, const Request& in, Decide decide, Then then) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Script> {
    TRY(const auto before, store::LockScript(tx, in.name()));
    TRY_VOID(rpc::RequireFresh(before.etag(), in.etag()));
    TRY(const pb::Script after, decide(ActorOf(call, deps), before));
    store::SaveScript(tx, after);
    TRY_VOID(then(tx, after));
    return after;
  });
}

}  // namespace carillon::campaign::api
