#pragma once
#include <carillon/routing/v1/agent_service.pb.h>
#include <carillon/routing/v1/interaction_service.pb.h>
#include <carillon/routing/v1/queue_service.pb.h>
#include <google/protobuf/empty.pb.h>

#include <memory>

#include "routing/api/deps.hpp"
#include "rpc/feed.hpp"

/// One function a method; the .proto says what they promise.
namespace carillon::routing::api {

Result<pb::Interaction> CreateInteraction(Call& call, Deps& deps, const pb::CreateInteractionRequest& in);
Result<pb::Interaction> GetInteraction(Call& call, Deps& deps, const pb::GetInteractionRequest& in);
Result<pb::ListInteractionsResponse> ListInteractions(Call& call, Deps& deps,
                                                      const pb::ListInteractionsRequest& in);
Result<pb::Interaction> CancelInteraction(Call& call, Deps& deps, const pb::CancelInteractionRequest& in);
Result<pb::Interaction> RequestCallback(Call& call, Deps& deps, const pb::RequestCallbackRequest& in);
Result<pb::Interaction> ReportMediaConnected(Call& call, Deps& deps,
                                             const pb::ReportMediaConnectedRequest& in);
Result<pb::Interaction> ReportMediaFailed(Call& call, Deps& deps, const pb::ReportMediaFailedRequest& in);
Result<pb::Interaction> ReportMediaEnded(Call& call, Deps& deps, const pb::ReportMediaEndedRequest& in);
Result<pb::ExplainInteractionResponse> ExplainInteraction(Call& call, Deps& deps,
                                                          const pb::ExplainInteractionRequest& in);
Result<pb::AgentSession> SignIn(Call& call, Deps& deps, const pb::SignInRequest& in);
Result<pb::AgentSession> SignOut(Call& call, Deps& deps, const pb::SignOutRequest& in);
Result<pb::AgentSession> SetStatus(Call& call, Deps& deps, const pb::SetStatusRequest& in);
Result<pb::Interaction> AcceptReservation(Call& call, Deps& deps, const pb::AcceptReservationRequest& in);
Result<pb::AgentSession> RejectReservation(Call& call, Deps& deps, const pb::RejectReservationRequest& in);
Result<pb::Interaction> HoldInteraction(Call& call, Deps& deps, const pb::HoldInteractionRequest& in);
Result<pb::Interaction> RetrieveInteraction(Call& call, Deps& deps, const pb::RetrieveInteractionRequest& in);
Result<pb::Interaction> MuteInteraction(Call& call, Deps& deps, const pb::MuteInteractionRequest& in);
Result<pb::Interaction> ReleaseInteraction(Call& call, Deps& deps, const pb::ReleaseInteractionRequest& in);
Result<pb::Interaction> CompleteInteraction(Call& call, Deps& deps, const pb::CompleteInteractionRequest& in);
Result<pb::Interaction> TransferInteraction(Call& call, Deps& deps, const pb::TransferInteractionRequest& in);
Result<pb::Interaction> StartConsult(Call& call, Deps& deps, const pb::StartConsultRequest& in);
Result<pb::Interaction> JoinConsult(Call& call, Deps& deps, const pb::JoinConsultRequest& in);
Result<pb::Interaction> CompleteConsult(Call& call, Deps& deps, const pb::CompleteConsultRequest& in);
Result<pb::Interaction> EndConsult(Call& call, Deps& deps, const pb::EndConsultRequest& in);
Result<pb::Interaction> SuperviseInteraction(Call& call, Deps& deps,
                                             const pb::SuperviseInteractionRequest& in);
Result<pb::Interaction> TakeOverInteraction(Call& call, Deps& deps, const pb::TakeOverInteractionRequest& in);
Result<pb::Interaction> PullInteraction(Call& call, Deps& deps, const pb::PullInteractionRequest& in);
Result<pb::Interaction> ForceRelease(Call& call, Deps& deps, const pb::ForceReleaseRequest& in);
Result<pb::Interaction> ExtendWrapUp(Call& call, Deps& deps, const pb::ExtendWrapUpRequest& in);
Result<pb::ExplainAgentResponse> ExplainAgent(Call& call, Deps& deps, const pb::ExplainAgentRequest& in);
Result<pb::AgentSession> ForceStatus(Call& call, Deps& deps, const pb::ForceStatusRequest& in);
Result<pb::Agent> MoveAgent(Call& call, Deps& deps, const pb::MoveAgentRequest& in);
Result<pb::ListAgentSessionsResponse> ListAgentSessions(Call& call, Deps& deps,
                                                        const pb::ListAgentSessionsRequest& in);
Result<pb::QueueState> GetQueueState(Call& call, Deps& deps, const pb::GetQueueStateRequest& in);
Result<std::shared_ptr<rpc::Feed<pb::Desk>>> WatchDesk(Call& call, Deps& deps,
                                                       const pb::WatchDeskRequest& in);
Result<std::shared_ptr<rpc::Feed<pb::QueueState>>> WatchQueues(Call& call, Deps& deps,
                                                               const pb::WatchQueuesRequest& in);
Result<pb::Queue> CreateQueue(Call& call, Deps& deps, const pb::CreateQueueRequest& in);
Result<pb::Queue> GetQueue(Call& call, Deps& deps, const pb::GetQueueRequest& in);
Result<pb::Queue> UpdateQueue(Call& call, Deps& deps, const pb::UpdateQueueRequest& in);
Result<google::protobuf::Empty> DeleteQueue(Call& call, Deps& deps, const pb::DeleteQueueRequest& in);
Result<pb::ListQueuesResponse> ListQueues(Call& call, Deps& deps, const pb::ListQueuesRequest& in);
Result<pb::DeskRules> GetDeskRules(Call& call, Deps& deps, const pb::GetDeskRulesRequest& in);
Result<pb::DeskRules> UpdateDeskRules(Call& call, Deps& deps, const pb::UpdateDeskRulesRequest& in);
Result<pb::Canary> StartCanary(Call& call, Deps& deps, const pb::StartCanaryRequest& in);
Result<pb::Canary> GetCanary(Call& call, Deps& deps, const pb::GetCanaryRequest& in);
Result<pb::Canary> PromoteCanary(Call& call, Deps& deps, const pb::PromoteCanaryRequest& in);
Result<pb::Canary> EndCanary(Call& call, Deps& deps, const pb::EndCanaryRequest& in);
Result<pb::ReplayDayResponse> ReplayDay(Call& call, Deps& deps, const pb::ReplayDayRequest& in);
Result<pb::DryRunRulesResponse> DryRunRules(Call& call, Deps& deps, const pb::DryRunRulesRequest& in);
Result<pb::Skill> CreateSkill(Call& call, Deps& deps, const pb::CreateSkillRequest& in);
Result<pb::Skill> GetSkill(Call& call, Deps& deps, const pb::GetSkillRequest& in);
Result<pb::Skill> UpdateSkill(Call& call, Deps& deps, const pb::UpdateSkillRequest& in);
Result<google::protobuf::Empty> DeleteSkill(Call& call, Deps& deps, const pb::DeleteSkillRequest& in);
Result<pb::ListSkillsResponse> ListSkills(Call& call, Deps& deps, const pb::ListSkillsRequest& in);
Result<pb::RoutingProfile> CreateRoutingProfile(Call& call, Deps& deps,
                                                const pb::CreateRoutingProfileRequest& in);
Result<pb::RoutingProfile> GetRoutingProfile(Call& call, Deps& deps, const pb::GetRoutingProfileRequest& in);
Result<pb::RoutingProfile> UpdateRoutingProfile(Call& call, Deps& deps,
                                                const pb::UpdateRoutingProfileRequest& in);
Result<google::protobuf::Empty> DeleteRoutingProfile(Call& call, Deps& deps,
                                                     const pb::DeleteRoutingProfileRequest& in);
Result<pb::ListRoutingProfilesResponse> ListRoutingProfiles(Call& call, Deps& deps,
                                                            const pb::ListRoutingProfilesRequest& in);
Result<pb::Agent> CreateAgent(Call& call, Deps& deps, const pb::CreateAgentRequest& in);
Result<pb::Agent> GetAgent(Call& call, Deps& deps, const pb::GetAgentRequest& in);
Result<pb::Agent> UpdateAgent(Call& call, Deps& deps, const pb::UpdateAgentRequest& in);
Result<google::protobuf::Empty> DeleteAgent(Call& call, Deps& deps, const pb::DeleteAgentRequest& in);
Result<pb::ListAgentsResponse> ListAgents(Call& call, Deps& deps, const pb::ListAgentsRequest& in);

}  // namespace carillon::routing::api
