#pragma once
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/ivr/v1/announcement_service.pb.h"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "carillon/ivr/v1/session_service.pb.h"
#include "ivr/deps.hpp"

/// The methods of SessionService, FlowService and AnnouncementService; what they promise is said in the
/// .proto.
namespace carillon::ivr::api {

Result<v1::SessionStep> StartSession(Call& call, Deps& deps, const v1::StartSessionRequest& in);
Result<v1::SessionStep> SendInput(Call& call, Deps& deps, const v1::SendInputRequest& in);
Result<v1::Session> EndSession(Call& call, Deps& deps, const v1::EndSessionRequest& in);
Result<v1::Session> GetSession(Call& call, Deps& deps, const v1::GetSessionRequest& in);
Result<v1::ListSessionsResponse> ListSessions(Call& call, Deps& deps, const v1::ListSessionsRequest& in);
Result<v1::MenuReport> GetMenuReport(Call& call, Deps& deps, const v1::GetMenuReportRequest& in);

Result<v1::Flow> CreateFlow(Call& call, Deps& deps, const v1::CreateFlowRequest& in);
Result<v1::Flow> UpdateFlow(Call& call, Deps& deps, const v1::UpdateFlowRequest& in);
Result<v1::Flow> PublishFlow(Call& call, Deps& deps, const v1::PublishFlowRequest& in);
Result<v1::Flow> RollBackFlow(Call& call, Deps& deps, const v1::RollBackFlowRequest& in);
Result<v1::Flow> GetFlow(Call& call, Deps& deps, const v1::GetFlowRequest& in);
Result<v1::ListFlowsResponse> ListFlows(Call& call, Deps& deps, const v1::ListFlowsRequest& in);
Result<v1::ValidateFlowResponse> ValidateFlow(Call& call, Deps& deps, const v1::ValidateFlowRequest& in);
Result<v1::SimulateFlowResponse> SimulateFlow(Call& call, Deps& deps, const v1::SimulateFlowRequest& in);
Result<v1::TestFlowResponse> TestFlow(Call& call, Deps& deps, const v1::TestFlowRequest& in);
Result<v1::CompareFlowResponse> CompareFlow(Call& call, Deps& deps, const v1::CompareFlowRequest& in);
Result<v1::Flow> RollOutFlow(Call& call, Deps& deps, const v1::RollOutFlowRequest& in);
Result<v1::MenuChoice> ExplainMenu(Call& call, Deps& deps, const v1::ExplainMenuRequest& in);
Result<v1::ImportRowsResponse> ImportRows(Call& call, Deps& deps, const v1::ImportRowsRequest& in);
Result<v1::Notice> SetNotice(Call& call, Deps& deps, const v1::SetNoticeRequest& in);
Result<v1::Notice> ApproveNotice(Call& call, Deps& deps, const v1::ApproveNoticeRequest& in);
Result<v1::ListNoticesResponse> ListNotices(Call& call, Deps& deps, const v1::ListNoticesRequest& in);
Result<v1::ServiceNumber> SetServiceNumber(Call& call, Deps& deps, const v1::SetServiceNumberRequest& in);
Result<v1::ServiceNumber> GetServiceNumber(Call& call, Deps& deps, const v1::GetServiceNumberRequest& in);
Result<v1::ListServiceNumbersResponse> ListServiceNumbers(Call& call, Deps& deps,
                                                          const v1::ListServiceNumbersRequest& in);

Result<v1::Announcement> SetAnnouncement(Call& call, Deps& deps, const v1::SetAnnouncementRequest& in);
Result<v1::Announcement> ApproveAnnouncement(Call& call, Deps& deps,
                                             const v1::ApproveAnnouncementRequest& in);
Result<v1::ListAnnouncementsResponse> ListAnnouncements(Call& call, Deps& deps,
                                                        const v1::ListAnnouncementsRequest& in);
Result<v1::Sound> Speak(Call& call, Deps& deps, const v1::SpeakRequest& in);

}  // namespace carillon::ivr::api
