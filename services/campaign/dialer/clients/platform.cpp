#include "campaign/dialer/clients/platform.hpp"

#include "base/ids.hpp"
#include "campaign/dialer/domain/turn.hpp"
#include "carillon/routing/v1/queue_service.pb.h"
#include "carillon/telephony/v1/call_service.pb.h"

namespace carillon::dialer::clients {
namespace {

namespace routing = carillon::routing::v1;
namespace telephony = carillon::telephony::v1;

constexpr const char* kDial = "carillon.campaign.v1.DialService/";
constexpr const char* kCampaigns = "carillon.campaign.v1.CampaignService/";
/// Work of more campaigns than this waits for the next turn.
constexpr int kMostWork = 1000;

}  // namespace

Result<pb::ListDialWorkResponse> Platform::ListWork(const Call& call) {
  pb::ListDialWorkRequest request;
  request.set_page_size(kMostWork);
  return campaign_.Ask<pb::ListDialWorkResponse>(call, std::string(kDial) + "ListDialWork", request,
                                                 timeout_);
}

Result<int> Platform::ReadyAgents(const Call& call, const std::string& queue) {
  routing::GetQueueStateRequest request;
  request.set_queue(queue);
  TRY(const auto state, routing_.Ask<routing::QueueState>(
                            call, "carillon.routing.v1.QueueService/GetQueueState", request, timeout_));
  return state.agents_ready();
}

Result<pb::LeaseTargetsResponse> Platform::Lease(const Call& call, const std::string& campaign,
                                                 const std::string& dialer, int ready, int most) {
  pb::LeaseTargetsRequest request;
  request.set_campaign(campaign);
  request.set_dialer(dialer);
  request.set_ready_agents(ready);
  request.set_max_targets(most);
  request.set_request_id(NewId(call.now));
  return campaign_.Ask<pb::LeaseTargetsResponse>(call, std::string(kDial) + "LeaseTargets", request,
                                                 timeout_);
}

Result<void> Platform::Originate(const Call& call, const std::string& dial_token) {
  telephony::OriginateCallRequest request;
  request.set_dial_token(dial_token);
  TRY_VOID(telephony_.Ask<telephony::Call>(call, "carillon.telephony.v1.CallService/OriginateCall", request,
                                           timeout_));
  return Ok();
}

Result<bool> Platform::CampaignIsOver(const Call& call, const std::string& campaign) {
  pb::GetCampaignRequest get;
  get.set_name(campaign);
  TRY(const auto found,
      campaign_.Ask<pb::Campaign>(call, std::string(kCampaigns) + "GetCampaign", get, timeout_));
  bool open = false;
  for (const auto state : {pb::TargetRecord::QUEUED, pb::TargetRecord::DIALLING}) {
    pb::ListTargetRecordsRequest list;
    list.set_campaign(campaign);
    list.set_page_size(1);
    list.set_state(state);
    TRY(const auto page, campaign_.Ask<pb::ListTargetRecordsResponse>(
                             call, std::string(kCampaigns) + "ListTargetRecords", list, timeout_));
    open = open || page.target_records_size() > 0;
  }
  return domain::IsOver(found.state(), open);
}

}  // namespace carillon::dialer::clients
