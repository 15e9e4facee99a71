#include "customer/service.hpp"

#include "customer/api/api.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/quality.hpp"
#include "customer/api/segments.hpp"
#include "customer/api/selections.hpp"
#include "customer/api/steward.hpp"
#include "customer/api/veil.hpp"
#include "customer/events/on_do_not_call_requested.hpp"
#include "customer/events/on_interaction_completed.hpp"
#include "customer/events/on_record_received.hpp"
#include "customer/events/on_work_order_changed.hpp"
#include "customer/jobs/begin_sweeps.hpp"
#include "customer/jobs/mark_dormant.hpp"
#include "customer/jobs/retain.hpp"
#include "customer/jobs/seal_again.hpp"
#include "host/host.hpp"
#include "rpc/server.hpp"

namespace carillon::customer {
namespace {

redis::Cache::Settings CacheOf(const Settings& settings) {
  redis::Cache::Settings out;
  out.ttl = std::chrono::seconds{settings.cache_ttl_s};
  out.patience = redis::Millis{settings.cache_patience_ms};
  return out;
}

}  // namespace

struct Service::Parts {
  Parts(host::Host& host, const Settings& settings)
      : vault(host::Required(store::Vault::Make(settings.vault_provider, settings.vault_keys))),
        callers(host.settings().redis_url, CacheOf(settings), vault),
        deps{host.db(), vault, callers, std::chrono::days{settings.retention_kept_days}} {}
  store::Vault vault;
  store::CallerCache callers;
  Deps deps;
};

Service::Service(host::Host& host, const Settings& settings)
    : parts_(std::make_unique<Parts>(host, settings)) {
  Deps& deps = parts_->deps;
  rpc::Binder bind(host.server(), "carillon.customer.v1.CustomerService", deps, api::Veiled);
  bind.Unary("CreateCustomer", api::CreateCustomer);
  bind.Unary("GetCustomer", api::GetCustomer);
  bind.Unary("UpdateCustomer", api::UpdateCustomer);
  bind.Unary("DeleteCustomer", api::DeleteCustomer);
  bind.Unary("SuspendCustomer", api::SuspendCustomer);
  bind.Unary("ResumeCustomer", api::ResumeCustomer);
  bind.Unary("ListCustomers", api::ListCustomers);
  bind.Unary("SearchCustomers", api::SearchCustomers);
  bind.Unary("LookUpCaller", api::LookUpCaller);
  bind.Unary("SetServicePassword", api::SetServicePassword);
  bind.Unary("VerifyServicePassword", api::VerifyServicePassword);
  bind.Unary("ImportCustomers", api::ImportCustomers);
  bind.Unary("GetLastContact", api::GetLastContact);
  bind.Unary("ListLastContacts", api::ListLastContacts);
  bind.Unary("RaiseAlert", api::RaiseAlert);
  bind.Unary("ClearAlert", api::ClearAlert);

  rpc::Binder steward(host.server(), "carillon.customer.v1.StewardService", deps, api::Veiled);
  steward.Unary("PutSourceSystem", api::PutSourceSystem);
  steward.Unary("ListSourceSystems", api::ListSourceSystems);
  steward.Unary("IngestRecords", api::IngestRecords);
  steward.Unary("StartSync", api::StartSync);
  steward.Unary("UploadSyncPiece", api::UploadSyncPiece);
  steward.Unary("GetSyncJob", api::GetSyncJob);
  steward.Unary("ListSyncResults", api::ListSyncResults);
  steward.Unary("ListRawRecords", api::ListRawRecords);
  steward.Unary("GetProvenance", api::GetProvenance);
  steward.Unary("MergeCustomers", api::MergeCustomers);
  steward.Unary("UnmergeCustomer", api::UnmergeCustomer);
  steward.Unary("FindDuplicates", api::FindDuplicates);
  steward.Unary("ListMergeCases", api::ListMergeCases);
  steward.Unary("DecideMergeCase", api::DecideMergeCase);
  steward.Unary("GetMatchPolicy", api::GetMatchPolicy);
  steward.Unary("UpdateMatchPolicy", api::UpdateMatchPolicy);
  steward.Unary("GetMatchModel", api::GetMatchModel);
  steward.Unary("LearnMatchModel", api::LearnMatchModel);
  steward.Unary("CreateSubscription", api::CreateSubscription);
  steward.Unary("ListSubscriptions", api::ListSubscriptions);
  steward.Unary("DeleteSubscription", api::DeleteSubscription);
  steward.Unary("FetchChanges", api::FetchChanges);
  steward.Unary("AcknowledgeChanges", api::AcknowledgeChanges);

  rpc::Binder profile(host.server(), "carillon.customer.v1.ProfileService", deps, api::Veiled);
  profile.Unary("AddRelationship", api::AddRelationship);
  profile.Unary("EndRelationship", api::EndRelationship);
  profile.Unary("ListRelationships", api::ListRelationships);
  profile.Unary("AssignManager", api::AssignManager);
  profile.Unary("EndManagerAssignment", api::EndManagerAssignment);
  profile.Unary("ListManagerAssignments", api::ListManagerAssignments);
  profile.Unary("AppendTransactions", api::AppendTransactions);
  profile.Unary("ListTransactions", api::ListTransactions);
  profile.Unary("AppendInteraction", api::AppendInteraction);
  profile.Unary("ListInteractions", api::ListInteractions);
  profile.Unary("PutCode", api::PutCode);
  profile.Unary("ListCodes", api::ListCodes);
  profile.Unary("GetCustomerAt", api::GetCustomerAt);
  profile.Unary("ListCustomerChanges", api::ListCustomerChanges);

  rpc::Binder privacy(host.server(), "carillon.customer.v1.PrivacyService", deps, api::Veiled);
  privacy.Unary("RecordConsent", api::RecordConsent);
  privacy.Unary("ListConsents", api::ListConsents);
  privacy.Unary("CheckConsent", api::CheckConsent);
  privacy.Unary("ExportCustomerData", api::ExportCustomerData);
  privacy.Unary("EraseCustomer", api::EraseCustomer);
  privacy.Unary("ListErasures", api::ListErasures);
  privacy.Unary("PutCustomField", api::PutCustomField);
  privacy.Unary("ListCustomFields", api::ListCustomFields);

  rpc::Binder quality(host.server(), "carillon.customer.v1.QualityService", deps, api::Veiled);
  quality.Unary("PutQualityRule", api::PutQualityRule);
  quality.Unary("ListQualityRules", api::ListQualityRules);
  quality.Unary("RunQualityCheck", api::RunQualityCheck);
  quality.Unary("ListQualityRuns", api::ListQualityRuns);
  quality.Unary("ListQualityScores", api::ListQualityScores);
  quality.Unary("ListQualityIssues", api::ListQualityIssues);
  quality.Unary("AssignQualityIssue", api::AssignQualityIssue);
  quality.Unary("ResolveQualityIssue", api::ResolveQualityIssue);

  rpc::Binder selections(host.server(), "carillon.customer.v1.SelectionService", deps, api::Veiled);
  selections.Unary("ExplainFilter", api::ExplainFilter);
  selections.Unary("CreateSelection", api::CreateSelection);
  selections.Unary("ListSelections", api::ListSelections);
  selections.Unary("ListSelectedCustomers", api::ListSelectedCustomers);
  selections.Unary("DeleteSelection", api::DeleteSelection);

  rpc::Binder segments(host.server(), "carillon.customer.v1.SegmentService", deps, api::Veiled);
  segments.Unary("PutSegmentRule", api::PutSegmentRule);
  segments.Unary("ListSegmentRules", api::ListSegmentRules);
  segments.Unary("ComputeSegments", api::ComputeSegments);

  host.Tasks(api::kIndexCustomField, deps, api::IndexCustomField);
  host.Tasks(api::kCheckQuality, deps, api::CheckQuality);
  host.Tasks(api::kLearnWeights, deps, api::LearnWeights);
  host.Tasks(api::kSegmentCustomer, deps, api::SegmentCustomer);
  host.Tasks(api::kSegmentAll, deps, api::SegmentAll);
  host.On(kRecordsTopic, deps, events::OnRecordReceived);
  host.On("carillon.routing.interactions.v1", deps, events::OnInteractionCompleted);
  host.On("carillon.campaign.attempts.v1", deps, events::OnDoNotCallRequested);
  // Those that begin a complaint, end it, or name its customer.
  constexpr auto kOrders = "carillon.workorder.orders.v1";
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderCreated>);
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderUpdated>);
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderReopened>);
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderClosed>);
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderCancelled>);
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderConverted>);
  host.On(kOrders, deps, events::OnWorkOrderChanged<workorder::v1::WorkOrderRejected>);

  const auto silence = std::chrono::days{settings.dormant_after_days};
  const jobs::CallFor call_for = [&host](const std::string& tenant) {
    return host.CallFor(tenant, std::chrono::seconds{5});
  };
  jobs::EraseReturned(host.worker_db(), deps, call_for, call_for(""));
  host.Every("mark_dormant", std::chrono::minutes{10}, [&host, &deps, call_for, silence](Call& call) {
    jobs::MarkDormant(host.worker_db(), deps, call_for, call, silence);
  });
  const auto judged = std::chrono::hours{settings.quality_every_hours};
  if (judged.count() > 0) {
    host.Every("judge_quality", std::chrono::minutes{10}, [&host, &deps, call_for, judged](Call& call) {
      jobs::BeginQualityChecks(host.worker_db(), deps, call_for, call, judged);
    });
  }
  const auto learnt = std::chrono::hours{settings.matching_learn_every_hours};
  if (learnt.count() > 0) {
    host.Every("learn_weights", std::chrono::minutes{10}, [&host, &deps, call_for, learnt](Call& call) {
      jobs::BeginLearning(host.worker_db(), deps, call_for, call, learnt);
    });
  }
  const auto segmented = std::chrono::hours{settings.segments_every_hours};
  host.Every("compute_segments", std::chrono::seconds{10}, [&host, &deps, call_for, segmented](Call& call) {
    jobs::BeginSegmentSweeps(host.worker_db(), deps, call_for, call, segmented);
  });
  host.Every("seal_again", std::chrono::seconds{10},
             [&host, &deps, call_for, sealing = jobs::SealingTurn()](Call&) mutable {
               jobs::KeepSealed(host.worker_db(), deps, call_for, sealing);
             });
  host.Every("retain", std::chrono::minutes{1}, [&host, &deps, call_for, settings](Call& call) {
    jobs::Retain(host.worker_db(), deps, call_for, call, settings);
  });
}

Service::~Service() = default;

}  // namespace carillon::customer
