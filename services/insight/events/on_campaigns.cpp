#include "carillon/campaign/v1/campaign_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace campaign = carillon::campaign::v1;

template <class Event>
void ApplyCampaign(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  const campaign::Campaign& one = event.campaign();
  pb::CampaignFact fact;
  fact.set_campaign(one.name());
  fact.set_client(one.client());
  fact.set_code(one.code());
  fact.set_display_name(one.display_name());
  fact.set_purpose(campaign::Campaign::Purpose_Name(one.purpose()));
  fact.set_state(campaign::Campaign::State_Name(one.state()));
  if (one.build().state() == campaign::Campaign::TargetBuild::BUILT) {
    fact.set_targets(one.build().targets());
    *fact.mutable_refused() = one.build().refused();
    *fact.mutable_build_time() = one.build().end_time();
  }
  store::Put(tx, fact, id.occurred_at);
}

}  // namespace

void OnCampaigns(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.campaign.campaigns.v1";
  Consume<campaign::CampaignChanged>(host, kTopic, deps, ApplyCampaign);
  Consume<campaign::TargetsBuilt>(host, kTopic, deps, ApplyCampaign);
}

}  // namespace carillon::insight::events
