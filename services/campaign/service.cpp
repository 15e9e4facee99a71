#include "campaign/service.hpp"

#include "campaign/api/methods.hpp"
#include "campaign/events/consumers.hpp"
#include "campaign/jobs/build_targets.hpp"
#include "campaign/jobs/sweep.hpp"
#include "campaign/store/campaigns.hpp"

namespace carillon::campaign {
namespace {

constexpr int kAskers = 8;
constexpr std::size_t kAskersQueue = 256;

}  // namespace

struct Service::Parts {
  Settings settings;
  api::Deps deps;
  Parts(host::Host& host, const Settings& given)
      : settings(given),
        deps{host.db(),
             host.worker_db(),
             host.peer("customer"),
             settings,
             host::Required(calendar::TimeZone::Load(settings.time_zone)),
             host::Required(store::Vault::Make(settings.vault_provider, settings.vault_keys)),
             {"askers", kAskers, kAskersQueue}} {}
};

Service::Service(host::Host& host, const Settings& settings)
    : parts_(std::make_unique<Parts>(host, settings)) {
  auto& deps = parts_->deps;
  rpc::Binder campaigns(host.server(), "carillon.campaign.v1.CampaignService", deps);
  campaigns.Unary("CreateCampaign", api::CreateCampaign);
  campaigns.Unary("GetCampaign", api::GetCampaign);
  campaigns.Unary("ListCampaigns", api::ListCampaigns);
  campaigns.Unary("UpdateCampaign", api::UpdateCampaign);
  campaigns.Unary("BuildTargets", api::BuildTargets);
  campaigns.Unary("SubmitCampaign", api::SubmitCampaign);
  campaigns.Unary("ApproveCampaign", api::ApproveCampaign);
  campaigns.Unary("RefuseCampaign", api::RefuseCampaign);
  campaigns.Unary("ScheduleCampaign", api::ScheduleCampaign);
  campaigns.Unary("StartCampaign", api::StartCampaign);
  campaigns.Unary("PauseCampaign", api::PauseCampaign);
  campaigns.Unary("ResumeCampaign", api::ResumeCampaign);
  campaigns.Unary("FinishCampaign", api::FinishCampaign);
  campaigns.Unary("SummariseCampaign", api::SummariseCampaign);
  campaigns.Unary("CloseCampaign", api::CloseCampaign);
  campaigns.Unary("CancelCampaign", api::CancelCampaign);
  campaigns.Unary("GetTargetRecord", api::GetTargetRecord);
  campaigns.Unary("ListTargetRecords", api::ListTargetRecords);
  campaigns.Unary("GetAttempt", api::GetAttempt);
  campaigns.Unary("ListAttempts", api::ListAttempts);
  campaigns.Unary("RecordDisposition", api::RecordDisposition);
  campaigns.Unary("GetFunnel", api::GetFunnel);
  rpc::Binder dialling(host.server(), "carillon.campaign.v1.DialService", deps);
  dialling.Unary("ListDialWork", api::ListDialWork);
  dialling.Unary("LeaseTargets", api::LeaseTargets);
  dialling.Unary("RedeemDialToken", api::RedeemDialToken);
  rpc::Binder scripts(host.server(), "carillon.campaign.v1.ScriptService", deps);
  scripts.Unary("CreateScript", api::CreateScript);
  scripts.Unary("GetScript", api::GetScript);
  scripts.Unary("ListScripts", api::ListScripts);
  scripts.Unary("UpdateScript", api::UpdateScript);
  scripts.Unary("SubmitScript", api::SubmitScript);
  scripts.Unary("ApproveScript", api::ApproveScript);
  scripts.Unary("RejectScript", api::RejectScript);
  rpc::Binder policy(host.server(), "carillon.campaign.v1.ContactPolicyService", deps);
  policy.Unary("ListFrequencyRules", api::ListFrequencyRules);
  policy.Unary("SetFrequencyRule", api::SetFrequencyRule);
  policy.Unary("DeleteFrequencyRule", api::DeleteFrequencyRule);
  policy.Unary("CheckContact", api::CheckContact);
  policy.Unary("AddDoNotCall", api::AddDoNotCall);
  policy.Unary("RemoveDoNotCall", api::RemoveDoNotCall);
  policy.Unary("ListDoNotCall", api::ListDoNotCall);

  events::OnCalls(host, deps);
  events::OnInteractions(host, deps);
  events::OnCustomers(host, deps);
  host.Tasks(store::kBuildTask, deps, jobs::BuildTargets);
  host.Every("sweep", std::chrono::milliseconds{settings.sweep_ms}, [&host, &deps](Call& call) {
    jobs::Sweep(call, deps, [&host](const std::string& tenant) {
      return host.CallFor(tenant, std::chrono::seconds{10});
    });
  });
}

Service::~Service() = default;

}  // namespace carillon::campaign
