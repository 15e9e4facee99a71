#pragma once
#include "base/call.hpp"
#include "base/result.hpp"
#include "campaign/api/deps.hpp"
#include "carillon/campaign/v1/campaign_service.pb.h"
#include "carillon/campaign/v1/contact_policy_service.pb.h"
#include "carillon/campaign/v1/script_service.pb.h"

/// The methods of CampaignService, DialService, ScriptService and ContactPolicyService; what each promises is
/// said in the .proto.
namespace carillon::campaign::api {

Result<pb::Campaign> CreateCampaign(Call& call, Deps& deps, const pb::CreateCampaignRequest& in);
Result<pb::Campaign> GetCampaign(Call& call, Deps& deps, const pb::GetCampaignRequest& in);
Result<pb::Campaign> UpdateCampaign(Call& call, Deps& deps, const pb::UpdateCampaignRequest& in);
Result<pb::Campaign> BuildTargets(Call& call, Deps& deps, const pb::BuildTargetsRequest& in);
Result<pb::Campaign> SubmitCampaign(Call& call, Deps& deps, const pb::SubmitCampaignRequest& in);
Result<pb::Campaign> ApproveCampaign(Call& call, Deps& deps, const pb::ApproveCampaignRequest& in);
Result<pb::Campaign> RefuseCampaign(Call& call, Deps& deps, const pb::RefuseCampaignRequest& in);
Result<pb::Campaign> ScheduleCampaign(Call& call, Deps& deps, const pb::ScheduleCampaignRequest& in);
Result<pb::Campaign> StartCampaign(Call& call, Deps& deps, const pb::StartCampaignRequest& in);
Result<pb::Campaign> PauseCampaign(Call& call, Deps& deps, const pb::PauseCampaignRequest& in);
Result<pb::Campaign> ResumeCampaign(Call& call, Deps& deps, const pb::ResumeCampaignRequest& in);
Result<pb::Campaign> FinishCampaign(Call& call, Deps& deps, const pb::FinishCampaignRequest& in);
Result<pb::Campaign> SummariseCampaign(Call& call, Deps& deps, const pb::SummariseCampaignRequest& in);
Result<pb::Campaign> CloseCampaign(Call& call, Deps& deps, const pb::CloseCampaignRequest& in);
Result<pb::Campaign> CancelCampaign(Call& call, Deps& deps, const pb::CancelCampaignRequest& in);
Result<pb::ListCampaignsResponse> ListCampaigns(Call& call, Deps& deps, const pb::ListCampaignsRequest& in);
Result<pb::TargetRecord> GetTargetRecord(Call& call, Deps& deps, const pb::GetTargetRecordRequest& in);
Result<pb::ListTargetRecordsResponse> ListTargetRecords(Call& call, Deps& deps,
                                                        const pb::ListTargetRecordsRequest& in);
Result<pb::Attempt> GetAttempt(Call& call, Deps& deps, const pb::GetAttemptRequest& in);
Result<pb::ListAttemptsResponse> ListAttempts(Call& call, Deps& deps, const pb::ListAttemptsRequest& in);
Result<pb::Attempt> RecordDisposition(Call& call, Deps& deps, const pb::RecordDispositionRequest& in);
Result<pb::Funnel> GetFunnel(Call& call, Deps& deps, const pb::GetFunnelRequest& in);

Result<pb::ListDialWorkResponse> ListDialWork(Call& call, Deps& deps, const pb::ListDialWorkRequest& in);
Result<pb::LeaseTargetsResponse> LeaseTargets(Call& call, Deps& deps, const pb::LeaseTargetsRequest& in);
Result<pb::RedeemDialTokenResponse> RedeemDialToken(Call& call, Deps& deps,
                                                    const pb::RedeemDialTokenRequest& in);

Result<pb::Script> CreateScript(Call& call, Deps& deps, const pb::CreateScriptRequest& in);
Result<pb::Script> GetScript(Call& call, Deps& deps, const pb::GetScriptRequest& in);
Result<pb::Script> UpdateScript(Call& call, Deps& deps, const pb::UpdateScriptRequest& in);
Result<pb::Script> SubmitScript(Call& call, Deps& deps, const pb::SubmitScriptRequest& in);
Result<pb::Script> ApproveScript(Call& call, Deps& deps, const pb::ApproveScriptRequest& in);
Result<pb::Script> RejectScript(Call& call, Deps& deps, const pb::RejectScriptRequest& in);
Result<pb::ListScriptsResponse> ListScripts(Call& call, Deps& deps, const pb::ListScriptsRequest& in);

Result<pb::ListFrequencyRulesResponse> ListFrequencyRules(Call& call, Deps& deps,
                                                          const pb::ListFrequencyRulesRequest& in);
Result<pb::FrequencyRule> SetFrequencyRule(Call& call, Deps& deps, const pb::SetFrequencyRuleRequest& in);
Result<pb::FrequencyRule> DeleteFrequencyRule(Call& call, Deps& deps,
                                              const pb::DeleteFrequencyRuleRequest& in);
Result<pb::GateResult> CheckContact(Call& call, Deps& deps, const pb::CheckContactRequest& in);
Result<pb::DoNotCallEntry> AddDoNotCall(Call& call, Deps& deps, const pb::AddDoNotCallRequest& in);
Result<pb::DoNotCallEntry> RemoveDoNotCall(Call& call, Deps& deps, const pb::RemoveDoNotCallRequest& in);
Result<pb::ListDoNotCallResponse> ListDoNotCall(Call& call, Deps& deps, const pb::ListDoNotCallRequest& in);
}  // namespace carillon::campaign::api
