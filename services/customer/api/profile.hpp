#pragma once
#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/customer/v1/profile_service.pb.h"
#include "customer/deps.hpp"

/// The methods of ProfileService; what they promise is said in the .proto.
namespace carillon::customer::api {

namespace pb = carillon::customer::v1;

Result<pb::Relationship> AddRelationship(Call& call, Deps& deps, const pb::AddRelationshipRequest& in);
Result<pb::Relationship> EndRelationship(Call& call, Deps& deps, const pb::EndRelationshipRequest& in);
Result<pb::ListRelationshipsResponse> ListRelationships(Call& call, Deps& deps,
                                                        const pb::ListRelationshipsRequest& in);
Result<pb::ManagerAssignment> AssignManager(Call& call, Deps& deps, const pb::AssignManagerRequest& in);
Result<pb::ManagerAssignment> EndManagerAssignment(Call& call, Deps& deps,
                                                   const pb::EndManagerAssignmentRequest& in);
Result<pb::ListManagerAssignmentsResponse> ListManagerAssignments(
    Call& call, Deps& deps, const pb::ListManagerAssignmentsRequest& in);
Result<pb::AppendTransactionsResponse> AppendTransactions(Call& call, Deps& deps,
                                                          const pb::AppendTransactionsRequest& in);
Result<pb::ListTransactionsResponse> ListTransactions(Call& call, Deps& deps,
                                                      const pb::ListTransactionsRequest& in);
Result<pb::PartyInteraction> AppendInteraction(Call& call, Deps& deps,
                                               const pb::AppendInteractionRequest& in);
Result<pb::ListInteractionsResponse> ListInteractions(Call& call, Deps& deps,
                                                      const pb::ListInteractionsRequest& in);
Result<pb::Code> PutCode(Call& call, Deps& deps, const pb::PutCodeRequest& in);
Result<pb::ListCodesResponse> ListCodes(Call& call, Deps& deps, const pb::ListCodesRequest& in);
Result<pb::Customer> GetCustomerAt(Call& call, Deps& deps, const pb::GetCustomerAtRequest& in);
Result<pb::ListCustomerChangesResponse> ListCustomerChanges(Call& call, Deps& deps,
                                                            const pb::ListCustomerChangesRequest& in);

}  // namespace carillon::customer::api
