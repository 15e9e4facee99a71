#pragma once
#include <memory>

#include "base/call.hpp"
#include "base/result.hpp"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "workorder/api/deps.hpp"

/// The methods of WorkOrderService; what each promises is said in the .proto.
namespace carillon::workorder::api {

Result<pb::WorkOrder> CreateWorkOrder(Call& call, Deps& deps, const pb::CreateWorkOrderRequest& in);
Result<pb::WorkOrder> GetWorkOrder(Call& call, Deps& deps, const pb::GetWorkOrderRequest& in);
Result<pb::ListWorkOrdersResponse> ListWorkOrders(Call& call, Deps& deps,
                                                  const pb::ListWorkOrdersRequest& in);
Result<pb::SearchWorkOrdersResponse> SearchWorkOrders(Call& call, Deps& deps,
                                                      const pb::SearchWorkOrdersRequest& in);
Result<pb::WorkOrder> UpdateWorkOrder(Call& call, Deps& deps, const pb::UpdateWorkOrderRequest& in);
Result<pb::WorkOrder> AnswerWorkOrder(Call& call, Deps& deps, const pb::AnswerWorkOrderRequest& in);
Result<pb::WorkOrder> DispatchWorkOrder(Call& call, Deps& deps, const pb::DispatchWorkOrderRequest& in);
Result<pb::WorkOrder> AcceptWorkOrder(Call& call, Deps& deps, const pb::AcceptWorkOrderRequest& in);
Result<pb::WorkOrder> ReturnWorkOrder(Call& call, Deps& deps, const pb::ReturnWorkOrderRequest& in);
Result<pb::WorkOrder> SuspendWorkOrder(Call& call, Deps& deps, const pb::SuspendWorkOrderRequest& in);
Result<pb::WorkOrder> ResumeWorkOrder(Call& call, Deps& deps, const pb::ResumeWorkOrderRequest& in);
Result<pb::WorkOrder> CompleteWorkOrder(Call& call, Deps& deps, const pb::CompleteWorkOrderRequest& in);
Result<pb::WorkOrder> RecordReply(Call& call, Deps& deps, const pb::RecordReplyRequest& in);
Result<pb::WorkOrder> RecordRevisit(Call& call, Deps& deps, const pb::RecordRevisitRequest& in);
Result<pb::WorkOrder> CancelWorkOrder(Call& call, Deps& deps, const pb::CancelWorkOrderRequest& in);
Result<pb::WorkOrder> EscalateWorkOrder(Call& call, Deps& deps, const pb::EscalateWorkOrderRequest& in);
Result<pb::WorkOrder> PrioritizeWorkOrder(Call& call, Deps& deps, const pb::PrioritizeWorkOrderRequest& in);
Result<pb::WorkOrder> ForceCloseWorkOrder(Call& call, Deps& deps, const pb::ForceCloseWorkOrderRequest& in);
Result<pb::WorkOrder> ConvertWorkOrder(Call& call, Deps& deps, const pb::ConvertWorkOrderRequest& in);
Result<pb::WorkOrder> RejectWorkOrder(Call& call, Deps& deps, const pb::RejectWorkOrderRequest& in);
Result<pb::ListHistoryResponse> ListHistory(Call& call, Deps& deps, const pb::ListHistoryRequest& in);
Result<pb::Desk> CreateDesk(Call& call, Deps& deps, const pb::CreateDeskRequest& in);
Result<pb::ListDesksResponse> ListDesks(Call& call, Deps& deps, const pb::ListDesksRequest& in);
Result<pb::SlaPolicy> SetSlaPolicy(Call& call, Deps& deps, const pb::SetSlaPolicyRequest& in);
Result<pb::ListSlaPoliciesResponse> ListSlaPolicies(Call& call, Deps& deps,
                                                    const pb::ListSlaPoliciesRequest& in);
Result<pb::CustomField> SetCustomField(Call& call, Deps& deps, const pb::SetCustomFieldRequest& in);
Result<pb::ListCustomFieldsResponse> ListCustomFields(Call& call, Deps& deps,
                                                      const pb::ListCustomFieldsRequest& in);
Result<std::shared_ptr<DeskFeeds::Feed>> WatchDesk(Call& call, Deps& deps, const pb::WatchDeskRequest& in);

}  // namespace carillon::workorder::api
