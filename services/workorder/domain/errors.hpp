#pragma once
#include "base/result.hpp"
#include "carillon/workorder/v1/work_order.pb.h"

/// Every reason this service gives; the comments of the .proto quote them.
namespace carillon::workorder::errors {

namespace pb = carillon::workorder::v1;

inline Error UnknownOrder(const std::string& name) {
  return NotFound("WORK_ORDER_UNKNOWN", "no such work order", {{"name", name}});
}
inline Error UnknownDesk(const std::string& name) {
  return NotFound("DESK_UNKNOWN", "no such desk or crew", {{"name", name}});
}
inline Error WrongState(const pb::WorkOrder& order, std::string_view action) {
  return FailedPrecondition(
      "WORK_ORDER_STATE",
      std::string(action) + " is not possible in state " + pb::WorkOrder::State_Name(order.state()),
      {{"state", pb::WorkOrder::State_Name(order.state())}, {"action", std::string(action)}});
}
inline Error ContactNumberRequired() {
  return InvalidArgument("CONTACT_NUMBER_REQUIRED", "a complaint needs a number to call back",
                         {{"work_order.contact_number", "is required for a complaint"}});
}
inline Error PromisePast() {
  return InvalidArgument("PROMISE_PAST", "an answer can only be promised for later",
                         {{"work_order.promised_time", "is not in the future"}});
}
inline Error DetailMisplaced(const std::string& field) {
  return InvalidArgument("DETAIL_MISPLACED", "this detail belongs to another type of order",
                         {{"work_order." + field, "does not belong to this type"}});
}
inline Error FieldFixed(const std::string& path) {
  return InvalidArgument("FIELD_FIXED", "this field cannot be changed",
                         {{"update_mask", path + " is fixed"}});
}
inline Error CustomFieldInvalid(const std::string& key, const std::string& why) {
  return InvalidArgument("CUSTOM_FIELD_INVALID", "a field of the tenant's own does not fit its definition",
                         {{"work_order.custom_fields." + key, why}});
}
inline Error TypeNeedsHandling(const pb::WorkOrder& order) {
  return FailedPrecondition("TYPE_NEEDS_HANDLING", "an order of this type is not closed by an answer",
                            {{"type", pb::WorkOrder::Type_Name(order.type())}});
}
inline Error SevenStepsOpen(const std::string& open) {
  return FailedPrecondition("SEVEN_STEPS_OPEN", "steps of the complaint form are open: " + open,
                            {{"open", open}});
}
inline Error RevisitByHandler(const std::string& user) {
  return FailedPrecondition("REVISIT_BY_HANDLER", "somebody who handled the order cannot ask the customer",
                            {{"user", user}});
}
inline Error RevisitAnswerRequired() {
  return InvalidArgument(
      "REVISIT_ANSWER_REQUIRED", "a customer who was reached gave an answer",
      {{"satisfaction", "is required when reached"}, {"solved", "is required when reached"}});
}
inline Error RevisitTriesTooFew(int tries, int days) {
  return FailedPrecondition("REVISIT_TRIES_TOO_FEW", "unreachable means three tries on two days",
                            {{"tries", std::to_string(tries)}, {"days", std::to_string(days)}});
}
inline Error NotAPreAcceptance() {
  return FailedPrecondition("NOT_A_PRE_ACCEPTANCE", "only a pre-acceptance is converted or rejected");
}
inline Error OrderOfAnother() {
  return PermissionDenied("ORDER_OF_ANOTHER", "only who made or owns the order, or a supervisor, cancels it");
}
inline Error AppointmentReversed() {
  return InvalidArgument("APPOINTMENT_REVERSED", "the appointment ends before it begins",
                         {{"appointment_end_time", "is before appointment_start_time"}});
}

}  // namespace carillon::workorder::errors
