#pragma once
#include <memory>

#include "rpc/feed.hpp"
#include "telephony/api/deps.hpp"

/// One function a method, each in the file of its name; the .proto says what they promise.
namespace carillon::telephony::api {

namespace pb = carillon::telephony::v1;

// SwitchService
Result<pb::Call> ReportCallArrived(Call& call, Deps& deps, const pb::ReportCallArrivedRequest& in);
Result<pb::ReportInputResponse> ReportInput(Call& call, Deps& deps, const pb::ReportInputRequest& in);
Result<pb::ReportPlayedResponse> ReportPlayed(Call& call, Deps& deps, const pb::ReportPlayedRequest& in);
Result<pb::Call> ReportAgentLeg(Call& call, Deps& deps, const pb::ReportAgentLegRequest& in);
Result<pb::Call> ReportAnswered(Call& call, Deps& deps, const pb::ReportAnsweredRequest& in);
Result<pb::Call> ReportHangUp(Call& call, Deps& deps, const pb::ReportHangUpRequest& in);
Result<std::shared_ptr<rpc::Feed<pb::Directive>>> WatchDirectives(Call& call, Deps& deps,
                                                                  const pb::WatchDirectivesRequest& in);
// CallService
Result<pb::Call> GetCall(Call& call, Deps& deps, const pb::GetCallRequest& in);
Result<pb::ListCallsResponse> ListCalls(Call& call, Deps& deps, const pb::ListCallsRequest& in);
Result<pb::ListCallEventsResponse> ListCallEvents(Call& call, Deps& deps,
                                                  const pb::ListCallEventsRequest& in);
Result<pb::Call> OriginateCall(Call& call, Deps& deps, const pb::OriginateCallRequest& in);
Result<pb::Call> ConnectAgent(Call& call, Deps& deps, const pb::ConnectAgentRequest& in);
Result<pb::Call> ArrangeCall(Call& call, Deps& deps, const pb::ArrangeCallRequest& in);
Result<pb::Call> HoldCall(Call& call, Deps& deps, const pb::HoldCallRequest& in);
Result<pb::Call> RetrieveCall(Call& call, Deps& deps, const pb::RetrieveCallRequest& in);
Result<pb::Call> AssistCall(Call& call, Deps& deps, const pb::AssistCallRequest& in);
Result<pb::Call> TakeBackCall(Call& call, Deps& deps, const pb::TakeBackCallRequest& in);
Result<pb::SendDigitsResponse> SendDigits(Call& call, Deps& deps, const pb::SendDigitsRequest& in);
Result<pb::CallEvent> MarkCall(Call& call, Deps& deps, const pb::MarkCallRequest& in);
Result<pb::Call> ReleaseCall(Call& call, Deps& deps, const pb::ReleaseCallRequest& in);
Result<pb::Call> AttachData(Call& call, Deps& deps, const pb::AttachDataRequest& in);

}  // namespace carillon::telephony::api
