#pragma once
#include <google/protobuf/wrappers.pb.h>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/steward_service.pb.h"
#include "customer/deps.hpp"

/// The methods of StewardService; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::SourceSystem> PutSourceSystem(Call& call, Deps& deps, const pb::PutSourceSystemRequest& in);
Result<pb::ListSourceSystemsResponse> ListSourceSystems(Call& call, Deps& deps,
                                                        const pb::ListSourceSystemsRequest& in);
Result<pb::IngestRecordsResponse> IngestRecords(Call& call, Deps& deps, const pb::IngestRecordsRequest& in);
Result<pb::SyncJob> StartSync(Call& call, Deps& deps, const pb::StartSyncRequest& in);
Result<pb::SyncJob> UploadSyncPiece(Call& call, Deps& deps, const pb::UploadSyncPieceRequest& in);
Result<pb::SyncJob> GetSyncJob(Call& call, Deps& deps, const pb::GetSyncJobRequest& in);
Result<pb::ListSyncResultsResponse> ListSyncResults(Call& call, Deps& deps,
                                                    const pb::ListSyncResultsRequest& in);
Result<pb::ListRawRecordsResponse> ListRawRecords(Call& call, Deps& deps,
                                                  const pb::ListRawRecordsRequest& in);
Result<pb::Provenance> GetProvenance(Call& call, Deps& deps, const pb::GetProvenanceRequest& in);
Result<pb::Customer> MergeCustomers(Call& call, Deps& deps, const pb::MergeCustomersRequest& in);
Result<pb::Customer> UnmergeCustomer(Call& call, Deps& deps, const pb::UnmergeCustomerRequest& in);
Result<pb::FindDuplicatesResponse> FindDuplicates(Call& call, Deps& deps,
                                                  const pb::FindDuplicatesRequest& in);
Result<pb::ListMergeCasesResponse> ListMergeCases(Call& call, Deps& deps,
                                                  const pb::ListMergeCasesRequest& in);
Result<pb::MergeCase> DecideMergeCase(Call& call, Deps& deps, const pb::DecideMergeCaseRequest& in);
Result<pb::MatchPolicy> GetMatchPolicy(Call& call, Deps& deps, const pb::GetMatchPolicyRequest& in);
Result<pb::MatchPolicy> UpdateMatchPolicy(Call& call, Deps& deps, const pb::UpdateMatchPolicyRequest& in);
Result<pb::Subscription> CreateSubscription(Call& call, Deps& deps, const pb::CreateSubscriptionRequest& in);
Result<pb::ListSubscriptionsResponse> ListSubscriptions(Call& call, Deps& deps,
                                                        const pb::ListSubscriptionsRequest& in);
Result<pb::Subscription> DeleteSubscription(Call& call, Deps& deps, const pb::DeleteSubscriptionRequest& in);
Result<pb::FetchChangesResponse> FetchChanges(Call& call, Deps& deps, const pb::FetchChangesRequest& in);
Result<pb::Subscription> AcknowledgeChanges(Call& call, Deps& deps, const pb::AcknowledgeChangesRequest& in);
Result<pb::MatchModel> GetMatchModel(Call& call, Deps& deps, const pb::GetMatchModelRequest& in);
Result<pb::MatchModel> LearnMatchModel(Call& call, Deps& deps, const pb::LearnMatchModelRequest& in);

/// The durable task that takes a tenant's sweep to its end; its payload is empty.
inline constexpr const char* kLearnWeights = "learn_weights";
Result<void> LearnWeights(Call& call, Deps& deps, const google::protobuf::StringValue& nothing);

}  // namespace carillon::customer::api
