#include "telephony/clients/campaign.hpp"

#include "base/ids.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"

namespace carillon::telephony::clients {
namespace {

namespace campaign = carillon::campaign::v1;

}  // namespace

Result<domain::DialOrder> Campaign::Redeem(const Call& call, const std::string& of,
                                           const std::string& dial_token) {
  campaign::RedeemDialTokenRequest request;
  request.set_dial_token(dial_token);
  request.set_call(of);
  request.set_request_id(DerivedId("campaign.RedeemDialToken", of));
  TRY(const auto leave, peer_.Ask<campaign::RedeemDialTokenResponse>(
                            call, "carillon.campaign.v1.DialService/RedeemDialToken", request, timeout_));
  domain::DialOrder order;
  order.attempt = leave.attempt();
  order.customer = leave.customer();
  order.dial.set_called_number(leave.called_number());
  order.dial.set_caller_number(leave.caller_number());
  *order.dial.mutable_ring_duration() = leave.ring_duration();
  order.destination.set_queue(leave.queue());
  order.destination.set_client(leave.client());
  order.destination.set_grade(leave.grade());
  order.destination.set_language(leave.language());
  order.destination.set_agent(leave.agent());
  order.data = leave.attached_data();
  return order;
}

}  // namespace carillon::telephony::clients
