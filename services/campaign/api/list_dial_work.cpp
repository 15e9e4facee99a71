#include <algorithm>

#include "campaign/api/methods.hpp"
#include "campaign/domain/hours.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign::api {
namespace {

constexpr int kUsualPage = 200;
// More than are answered, since some are outside their windows now.
constexpr int kMostLookedAt = 1000;

}  // namespace

Result<pb::ListDialWorkResponse> ListDialWork(Call& call, Deps& deps, const pb::ListDialWorkRequest& in) {
  const int size = in.page_size() == 0 ? kUsualPage : in.page_size();
  TRY(const auto found, deps.worker_db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<store::DialWork>> {
    return store::FindDialWork(tx, call.now, kMostLookedAt);
  }));
  pb::ListDialWorkResponse out;
  for (const auto& [tenant, campaign, plain, callbacks] : found) {
    if (out.work_size() == size) break;
    const auto zone = domain::ZoneOf(campaign, deps.zone);
    const bool open = plain && domain::CallingHours(zone, campaign.windows()).IsOpen(call.now);
    if (!open && !(callbacks && domain::LegalHours(zone).IsOpen(call.now))) continue;
    auto& work = *out.add_work();
    work.set_tenant("tenants/" + tenant);
    work.set_campaign(campaign.name());
    work.set_queue(campaign.queue());
  }
  return out;
}

}  // namespace carillon::campaign::api
