#include "campaign/store/campaigns.hpp"

#include "campaign/domain/errors.hpp"
#include "campaign/store/rows.hpp"
#include "campaign/store/statements.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"

namespace carillon::campaign::store {
namespace {

using Campaign = pb::Campaign;

constexpr int kUsualPriority = 5;

Result<Campaign> OnlyCampaign(const pqxx::result& rows, const std::string& name) {
  if (rows.empty()) return errors::UnknownCampaign(name);
  return pg::OfJson<Campaign>(rows[0]["body"]);
}

}  // namespace

Result<Campaign> LoadCampaign(pg::Tx& tx, const std::string& name) {
  return OnlyCampaign(tx.Exec(sql::kCampaign, IdOf(name)), name);
}

Result<Campaign> LockCampaign(pg::Tx& tx, const std::string& name) {
  return OnlyCampaign(tx.Exec(sql::kLockCampaign, IdOf(name)), name);
}

Result<Campaign> HoldCampaign(pg::Tx& tx, const std::string& name) {
  return OnlyCampaign(tx.Exec(sql::kHoldCampaign, IdOf(name)), name);
}

std::vector<Campaign> ListCampaigns(pg::Tx& tx, const pb::ListCampaignsRequest& in, const std::string& after,
                                    int size) {
  return AllOfJson<Campaign>(tx.Exec(sql::kListCampaigns, pg::OrNull(after),
                                     in.state() == Campaign::STATE_UNSPECIFIED
                                         ? pg::Param(std::nullopt)
                                         : pg::Param(Campaign::State_Name(in.state())),
                                     pg::MaybeId(in.client()), size));
}

Result<void> SaveCampaign(pg::Tx& tx, const Campaign& campaign) {
  const auto saved =
      tx.Exec(sql::kSaveCampaign, IdOf(campaign.name()), IdOf(campaign.client()), campaign.code(),
              Campaign::State_Name(campaign.state()), pg::MaybeId(campaign.queue()),
              campaign.priority() > 0 ? campaign.priority() : kUsualPriority,
              pg::MaybeTime(campaign.has_start_time(), campaign.start_time()),
              pg::MaybeTime(campaign.has_end_time(), campaign.end_time()), campaign.owner_unit(),
              campaign.owner_user(), pg::Time(FromProto(campaign.create_time())),
              pg::Time(FromProto(campaign.update_time())), campaign.etag(), pg::JsonOf(campaign));
  if (saved.affected_rows() == 0) return Aborted("ETAG_MISMATCH", "the campaign was changed meanwhile");
  return Ok();
}

Result<void> ChangeCampaign(pg::Tx& tx, const Campaign& campaign) {
  TRY_VOID(SaveCampaign(tx, campaign));
  pb::CampaignChanged event;
  *event.mutable_campaign() = campaign;
  pg::Announce(tx, kCampaignsTopic, IdOf(campaign.name()), event, FromProto(campaign.update_time()));
  return Ok();
}

bool HasOpenTargets(pg::Tx& tx, const std::string& campaign) {
  return tx.Exec(sql::kOpenTargets, IdOf(campaign))[0]["open"].as<bool>();
}

std::vector<std::pair<std::string, std::string>> DueCampaigns(pg::Tx& tx, TimePoint now) {
  std::vector<std::pair<std::string, std::string>> due;
  for (const auto& row : tx.Exec(sql::kDueCampaigns, pg::Time(now)))
    due.emplace_back(row["tenant_id"].c_str(), std::string("campaigns/") + row["campaign_id"].c_str());
  return due;
}

std::vector<DialWork> FindDialWork(pg::Tx& tx, TimePoint now, int size) {
  std::vector<DialWork> work;
  for (const auto& row : tx.Exec(sql::kDialWork, pg::Time(now), size))
    work.push_back({row["tenant_id"].c_str(), pg::OfJson<Campaign>(row["body"]), row["plain"].as<bool>(),
                    row["callbacks"].as<bool>()});
  return work;
}

void BeginBuild(pg::Tx& tx, const Campaign& campaign) {
  tx.Exec(sql::kDeleteRefusals, IdOf(campaign.name()));
  tx.Exec(sql::kForgetTargets, IdOf(campaign.name()));
  pb::BuildTask first;
  first.set_campaign(campaign.name());
  first.set_run(tx.Exec(sql::kBeginBuild, IdOf(campaign.name()))[0]["build_run"].as<std::int64_t>());
  EnqueuePage(tx, first);
}

bool TurnPage(pg::Tx& tx, const pb::BuildTask& page) {
  return tx.Exec(sql::kTurnPage, IdOf(page.campaign()), page.run(), page.page()).affected_rows() == 1;
}

void EnqueuePage(pg::Tx& tx, const pb::BuildTask& page) {
  pg::Enqueue(tx, kBuildTask, IdOf(page.campaign()), page);
}

void AnnounceBuilt(pg::Tx& tx, const Campaign& campaign) {
  pb::TargetsBuilt event;
  *event.mutable_campaign() = campaign;
  pg::Announce(tx, kCampaignsTopic, IdOf(campaign.name()), event, tx.now());
}

}  // namespace carillon::campaign::store
