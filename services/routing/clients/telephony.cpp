#include "routing/clients/telephony.hpp"

#include <carillon/telephony/v1/call_service.pb.h>

#include "base/ids.hpp"

namespace carillon::routing::clients {
namespace {

namespace telephony = carillon::telephony::v1;

Result<void> Tell(Call& call, Telephony& deps, const std::string& method,
                  const google::protobuf::Message& request) {
  const auto told =
      deps.host.peer("telephony")
          .Ask<telephony::Call>(call, "carillon.telephony.v1.CallService/" + method, request, deps.timeout);
  if (told) return Ok();
  const auto& reason = told.error().reason;
  if (reason == "CALL_OVER" || reason == "CALL_UNKNOWN" || reason == "CALL_NOT_ESTABLISHED") return Ok();
  return told.error();
}

}  // namespace

Result<void> ConnectAgent(Call& call, Telephony& deps, const pb::ConnectAgentTask& task) {
  telephony::ConnectAgentRequest request;
  request.set_call(task.call());
  request.set_agent(task.agent());
  request.set_extension(task.extension());
  request.set_interaction(task.interaction());
  request.set_reservation(task.reservation());
  request.set_request_id(DerivedId("telephony.ConnectAgent", task.call() + task.reservation()));
  return Tell(call, deps, "ConnectAgent", request);
}

Result<void> ReleaseCall(Call& call, Telephony& deps, const pb::ReleaseCallTask& task) {
  telephony::ReleaseCallRequest request;
  request.set_name(task.call());
  // The agent's own word, a supervisor's, or a limit of the queue.
  request.set_cause(task.cause() == "FORCED" ? telephony::Call::FORCED
                    : task.cause() == "MAX_WAIT" || task.cause() == "NO_AGENT"
                        ? telephony::Call::SYSTEM
                        : telephony::Call::AGENT_HUNG_UP);
  request.set_request_id(DerivedId("telephony.ReleaseCall", task.call() + task.interaction()));
  return Tell(call, deps, "ReleaseCall", request);
}

Result<void> HoldCall(Call& call, Telephony& deps, const pb::HoldCallTask& task) {
  const auto id = DerivedId("telephony.HoldCall", task.call() + std::to_string(task.time()));
  if (task.hold()) {
    telephony::HoldCallRequest request;
    request.set_name(task.call());
    request.set_request_id(id);
    return Tell(call, deps, "HoldCall", request);
  }
  telephony::RetrieveCallRequest request;
  request.set_name(task.call());
  request.set_request_id(id);
  return Tell(call, deps, "RetrieveCall", request);
}

Result<void> ArrangeCall(Call& call, Telephony& deps, const pb::ArrangeCallTask& task) {
  telephony::ArrangeCallRequest request;
  request.set_name(task.call());
  request.set_interaction(task.interaction());
  request.set_customer_holds(task.customer_holds());
  for (const auto& party : task.parties()) {
    auto& to = *request.add_parties();
    to.set_agent(party.agent());
    to.set_extension(party.extension());
    to.set_phone_number(party.phone_number());
    to.set_reservation(party.reservation());
    to.set_interaction(party.interaction());
    to.set_audio(static_cast<telephony::Party::Audio>(party.audio()));
  }
  return Tell(call, deps, "ArrangeCall", request);
}

}  // namespace carillon::routing::clients
