#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/campaign/v1/dialling.pb.h"
#include "pg/tx.hpp"

/// Campaigns and the making of their target lists.
namespace carillon::campaign::store {

namespace pb = carillon::campaign::v1;

inline constexpr const char* kCampaignsTopic = "carillon.campaign.campaigns.v1";

/// NOT_FOUND CAMPAIGN_UNKNOWN, as the next two.
Result<pb::Campaign> LoadCampaign(pg::Tx& tx, const std::string& name);
/// Locked for a change.
Result<pb::Campaign> LockCampaign(pg::Tx& tx, const std::string& name);
/// Kept from changing until the transaction ends; many may hold it.
Result<pb::Campaign> HoldCampaign(pg::Tx& tx, const std::string& name);
/// Newest first; those made before `after`.
std::vector<pb::Campaign> ListCampaigns(pg::Tx& tx, const pb::ListCampaignsRequest& in,
                                        const std::string& after, int size);
/// Writes it. ABORTED ETAG_MISMATCH when the row is not the version before.
Result<void> SaveCampaign(pg::Tx& tx, const pb::Campaign& campaign);
/// Also announces CampaignChanged.
Result<void> ChangeCampaign(pg::Tx& tx, const pb::Campaign& campaign);

bool HasOpenTargets(pg::Tx& tx, const std::string& campaign);
/// (tenant, name) of campaigns for which it is time, of every tenant: needs the worker's role.
std::vector<std::pair<std::string, std::string>> DueCampaigns(pg::Tx& tx, TimePoint now);

/// A campaign with something to dial, of every tenant: needs the worker's role.
struct DialWork {
  std::string tenant;  ///< uuid
  pb::Campaign campaign;
  bool plain;      ///< targets besides promised calls are due
  bool callbacks;  ///< promised calls are due
};
std::vector<DialWork> FindDialWork(pg::Tx& tx, TimePoint now, int size);

/// Forgets the targets there are and enqueues the first page of a new list; `campaign` is BUILDING.
void BeginBuild(pg::Tx& tx, const pb::Campaign& campaign);
/// False when this page of this build is counted already or not wanted any more.
bool TurnPage(pg::Tx& tx, const pb::BuildTask& page);
void EnqueuePage(pg::Tx& tx, const pb::BuildTask& page);
/// TargetsBuilt.
void AnnounceBuilt(pg::Tx& tx, const pb::Campaign& campaign);

/// The kind of the durable tasks that read a page of customers.
inline constexpr const char* kBuildTask = "build_targets";

}  // namespace carillon::campaign::store
