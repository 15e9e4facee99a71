#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "campaign/domain/hours.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"

/// A campaign's way from draft to summary: which step may follow which, and what each needs.
namespace carillon::campaign::domain {

/// Who decides, and when.
struct Actor {
  std::string user;  ///< users/{uuid} or services/{name}
  std::string unit;
  TimePoint now;
  const calendar::TimeZone& zone;  ///< of campaigns that name none
};

/// The zone of the campaign's callees; a campaign of ours names one that exists.
calendar::TimeZone ZoneOf(const pb::Campaign& campaign, const calendar::TimeZone& otherwise);

/// A new DRAFT of `wish` for `client`. CAMPAIGN_INVALID.
Result<pb::Campaign> Created(const Actor& by, pb::Campaign wish, const std::string& id,
                             const std::string& client);

/// `before` with the changes that `wish`, made of it by the mask, asks for: CAMPAIGN_INVALID; CAMPAIGN_STATE
/// with the field that may not change now. Equal to `before` when nothing changed.
Result<pb::Campaign> Updated(const Actor& by, const pb::Campaign& before, pb::Campaign wish);

/// The list will be made anew. CAMPAIGN_STATE, BUILD_RUNNING.
Result<pb::Campaign> BuildAsked(const Actor& by, const pb::Campaign& before);

/// CAMPAIGN_STATE, and what the .proto says of each.
Result<pb::Campaign> Submitted(const Actor& by, const pb::Campaign& before);
Result<pb::Campaign> Approved(const Actor& by, const pb::Campaign& before);
Result<pb::Campaign> Refused(const Actor& by, const pb::Campaign& before, const std::string& reason);
/// `script_version` is the newest approved one, 0 = none.
Result<pb::Campaign> Scheduled(const Actor& by, const pb::Campaign& before, int script_version);
Result<pb::Campaign> Started(const Actor& by, const pb::Campaign& before, int script_version);
Result<pb::Campaign> Paused(const Actor& by, const pb::Campaign& before, const std::string& reason);
Result<pb::Campaign> Resumed(const Actor& by, const pb::Campaign& before);
Result<pb::Campaign> Finished(const Actor& by, const pb::Campaign& before);
Result<pb::Campaign> Summarised(const Actor& by, const pb::Campaign& before);
Result<pb::Campaign> Closed(const Actor& by, const pb::Campaign& before);
Result<pb::Campaign> Cancelled(const Actor& by, const pb::Campaign& before, const std::string& reason);

/// What time alone does: SCHEDULED begins at its start, RUNNING and PAUSED end at their end, RUNNING ends
/// when no target is open. The campaign as it is otherwise.
pb::Campaign Swept(const pb::Campaign& before, bool open_targets, TimePoint now);

/// Whether a target of the campaign may be dialled as far as its state goes.
bool Dials(pb::Campaign::State state, bool callback);

}  // namespace carillon::campaign::domain
