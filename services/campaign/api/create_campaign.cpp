#include "base/ids.hpp"
#include "campaign/api/change.hpp"
#include "campaign/api/criteria.hpp"
#include "campaign/api/methods.hpp"
#include "campaign/domain/errors.hpp"

namespace carillon::campaign::api {

Result<std::string> ClientOf(const Call& call, const std::string& named) {
  if (!named.empty()) {
    TRY_VOID(IdOfName(named, "clients", "client"));
    return named;
  }
  if (call.principal.clients.size() == 1) return "clients/" + call.principal.clients.front();
  return errors::ClientRequired();
}

Result<pb::Campaign> CreateCampaign(Call& call, Deps& deps, const pb::CreateCampaignRequest& in) {
  TRY(const auto client, ClientOf(call, in.campaign().client()));
  TRY_VOID(RequireKnownGrades(in.campaign()));
  TRY(const auto campaign, domain::Created(ActorOf(call, deps), in.campaign(), NewId(call.now), client));
  return CodeTaken(campaign, deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::Campaign> {
    TRY_VOID(store::ChangeCampaign(tx, campaign));
    return campaign;
  }));
}

}  // namespace carillon::campaign::api
