#pragma once
#include <google/protobuf/field_mask.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "carillon/workorder/v1/work_order.pb.h"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "workorder/domain/sla.hpp"

/// What may happen to an order. Each decision takes the order as it is and returns it as it will be, with the
/// lines of its history and its event; or says why not. Nothing here reads a clock, a store or a random
/// number.
namespace carillon::workorder::domain {

namespace pb = carillon::workorder::v1;

/// Who decides, when, and by which hours and promises.
struct Desk {
  std::string user;  ///< `users/{uuid}` or `services/{name}`
  bool supervisor = false;
  TimePoint now;
  const Hours& hours;
  const std::vector<pb::SlaPolicy>& policies;  ///< the tenant's own
};

/// What a decision makes.
struct Decision {
  pb::WorkOrder order;                               ///< state after, etag raised
  std::vector<pb::HistoryEntry> entries;             ///< without sequence, which the store gives
  std::shared_ptr<google::protobuf::Message> event;  ///< of workorder_events.proto, without personal values
};

/// Earlier orders of the same customer, type and product within 24 hours, oldest first.
using Earlier = std::vector<pb::WorkOrder>;

/// A new order from what the caller wrote (name, number and client are set already). Links the same matter,
/// raises a complaint that is complained of again.
Result<Decision> Created(const Desk& desk, const pb::WorkOrder& wish, const Earlier& earlier,
                         const std::vector<pb::CustomField>& fields);
Result<Decision> Updated(const Desk& desk, const pb::WorkOrder& before, const pb::WorkOrder& wish,
                         const google::protobuf::FieldMask& mask, const std::vector<pb::CustomField>& fields);
Result<Decision> Answered(const Desk& desk, const pb::WorkOrder& before,
                          const pb::AnswerWorkOrderRequest& in);
Result<Decision> Dispatched(const Desk& desk, const pb::WorkOrder& before,
                            const pb::DispatchWorkOrderRequest& in);
Result<Decision> Accepted(const Desk& desk, const pb::WorkOrder& before,
                          const pb::AcceptWorkOrderRequest& in);
Result<Decision> Returned(const Desk& desk, const pb::WorkOrder& before,
                          const pb::ReturnWorkOrderRequest& in);
Result<Decision> Suspended(const Desk& desk, const pb::WorkOrder& before,
                           const pb::SuspendWorkOrderRequest& in);
Result<Decision> Resumed(const Desk& desk, const pb::WorkOrder& before, const pb::ResumeWorkOrderRequest& in);
Result<Decision> Completed(const Desk& desk, const pb::WorkOrder& before,
                           const pb::CompleteWorkOrderRequest& in);
Result<Decision> Replied(const Desk& desk, const pb::WorkOrder& before, const pb::RecordReplyRequest& in);
/// Content closes, not content or not solved reopens with P1, not reached waits for the next try.
Result<Decision> Revisited(const Desk& desk, const pb::WorkOrder& before, const pb::RecordRevisitRequest& in);
Result<Decision> Cancelled(const Desk& desk, const pb::WorkOrder& before,
                           const pb::CancelWorkOrderRequest& in);
Result<Decision> Escalated(const Desk& desk, const pb::WorkOrder& before,
                           const pb::EscalateWorkOrderRequest& in);
Result<Decision> Prioritized(const Desk& desk, const pb::WorkOrder& before,
                             const pb::PrioritizeWorkOrderRequest& in);
Result<Decision> ForceClosed(const Desk& desk, const pb::WorkOrder& before,
                             const pb::ForceCloseWorkOrderRequest& in);
/// The pre-acceptance; `formal` is the name of the order it becomes.
Result<Decision> Converted(const Desk& desk, const pb::WorkOrder& before,
                           const pb::ConvertWorkOrderRequest& in, const std::string& formal);
/// What the formal order of a pre-acceptance says at its start, for Created().
pb::WorkOrder FormalWish(const pb::WorkOrder& pre_acceptance, TimePoint now);
Result<Decision> Rejected(const Desk& desk, const pb::WorkOrder& before,
                          const pb::RejectWorkOrderRequest& in);
/// Notes the promises broken by now; no event and no entry when none is new.
Decision Swept(const Desk& desk, const pb::WorkOrder& before);

/// The order without anything personal or written by hand, when its customer was erased: what kind of matter
/// it was, when it was done and how it ended stays.
pb::WorkOrder Erased(const pb::WorkOrder& before, TimePoint now);
/// The order as others may see it in an event.
pb::WorkOrder ForEvent(const pb::WorkOrder& order);

/// INVALID_ARGUMENT CUSTOM_FIELD_INVALID for the first field that is unknown, missing or of another kind.
Result<void> CheckCustomFields(const pb::WorkOrder& order, const std::vector<pb::CustomField>& fields);

}  // namespace carillon::workorder::domain
