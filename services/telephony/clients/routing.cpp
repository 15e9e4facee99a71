#include "telephony/clients/routing.hpp"

#include "base/ids.hpp"
#include "carillon/routing/v1/interaction_service.pb.h"

namespace carillon::telephony::clients {
namespace {

namespace routing = carillon::routing::v1;

/// Before everybody who waits by own choice: this customer was called and did not ask to wait.
constexpr int kAnsweredPriority = 1;

}  // namespace

Result<std::string> Routing::Create(const Call& call, const pb::Call& of) {
  routing::CreateInteractionRequest request;
  auto& work = *request.mutable_interaction();
  work.set_channel(carillon::type::v1::VOICE);
  work.set_direction(routing::Interaction::OUTBOUND);
  work.set_call(of.name());
  work.set_client(of.destination().client());
  work.set_customer(of.customer());
  work.set_calling_number(of.calling_number());
  work.set_called_number(of.called_number());
  work.set_queue(of.destination().queue());
  work.set_priority(kAnsweredPriority);
  work.set_grade(of.destination().grade());
  work.set_language(of.destination().language());
  work.set_last_agent(of.destination().agent());
  *work.mutable_attached_data() = of.data();
  request.set_request_id(DerivedId("routing.CreateInteraction", of.name()));
  TRY(const auto made,
      peer_.Ask<routing::Interaction>(call, "carillon.routing.v1.InteractionService/CreateInteraction",
                                      request, timeout_));
  return made.name();
}

Result<void> Routing::Tell(const Call& call, const std::string& method,
                           const google::protobuf::Message& request) {
  const auto told = peer_.Ask<routing::Interaction>(call, "carillon.routing.v1.InteractionService/" + method,
                                                    request, timeout_);
  if (told || told.error().reason == "INTERACTION_UNKNOWN") return Ok();
  return told.error();
}

Result<void> Routing::Connected(const Call& call, const pb::CallTask::MediaConnected& connected) {
  routing::ReportMediaConnectedRequest request;
  request.set_name(connected.interaction());
  *request.mutable_connect_time() = connected.connect_time();
  request.set_reservation(connected.reservation());
  request.set_request_id(
      DerivedId("routing.ReportMediaConnected", connected.interaction() + connected.reservation()));
  return Tell(call, "ReportMediaConnected", request);
}

Result<void> Routing::Failed(const Call& call, const pb::CallTask::MediaFailed& failed) {
  routing::ReportMediaFailedRequest request;
  request.set_name(failed.interaction());
  request.set_reservation(failed.reservation());
  request.set_cause(pb::Call::Cause_Name(failed.cause()));
  request.set_request_id(DerivedId("routing.ReportMediaFailed", failed.interaction() + failed.reservation()));
  return Tell(call, "ReportMediaFailed", request);
}

Result<void> Routing::Ended(const Call& call, const std::string& of, const pb::CallTask::MediaEnded& ended) {
  routing::ReportMediaEndedRequest request;
  request.set_name(ended.interaction());
  *request.mutable_end_time() = ended.end_time();
  request.set_party(domain::PartyOf(ended.cause()));
  request.set_cause(pb::Call::Cause_Name(ended.cause()));
  if (ended.has_hold()) *request.mutable_hold_duration() = ended.hold();
  request.set_call(of);
  request.set_request_id(DerivedId("routing.ReportMediaEnded", of + ended.interaction()));
  return Tell(call, "ReportMediaEnded", request);
}

}  // namespace carillon::telephony::clients
