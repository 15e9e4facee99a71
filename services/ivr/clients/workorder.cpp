#include "carillon/workorder/v1/workorder_service.pb.h"
#include "ivr/clients/answers.hpp"

namespace carillon::ivr::clients {
namespace {

namespace workorder = carillon::workorder::v1;

constexpr std::string_view kOrders = "carillon.workorder.v1.WorkOrderService/";

OrderFound Seen(const workorder::WorkOrder& order) {
  return {true, order.name(), order.number(), workorder::WorkOrder::State_Name(order.state()), order.title()};
}

std::chrono::milliseconds OrderTimeout(const Call& call, const Deps& deps) {
  return TimeFor(call, std::chrono::milliseconds{deps.settings.workorder_timeout_ms});
}

}  // namespace

Result<Answer> OpenWorkOrder(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  TRY(rpc::Peer* const peer, deps.workorder());
  workorder::CreateWorkOrderRequest request;
  request.set_request_id(ask.id);
  auto& order = *request.mutable_work_order();
  workorder::WorkOrder::Type type{};
  if (!workorder::WorkOrder::Type_Parse(ask.order_type, &type)) {
    return InvalidArgument("ORDER_TYPE_UNKNOWN", "there is no work order of type " + ask.order_type);
  }
  order.set_type(type);
  order.set_title(ask.title);
  order.set_description(ask.description);
  order.set_source_channel(ask.media.empty() ? workorder::WorkOrder::PHONE : workorder::WorkOrder::VOICEMAIL);
  order.set_customer(ask.customer);
  order.set_client(course.session.client());
  order.set_contact_number(ask.phone_number);
  TRY(const auto made, peer->Ask<workorder::WorkOrder>(call, std::string(kOrders) + "CreateWorkOrder",
                                                       request, OrderTimeout(call, deps)));
  return Answer(Seen(made));
}

Result<Answer> FindWorkOrder(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  TRY(rpc::Peer* const peer, deps.workorder());
  workorder::SearchWorkOrdersRequest request;
  // A number is keyed by its digits: those of the caller's own orders are looked through, nobody else's are
  // told.
  request.set_query(course.session.customer().empty() ? course.session.calling_number()
                                                      : course.session.customer());
  if (request.query().empty()) return Answer(OrderFound{});
  TRY(const auto reply,
      peer->Ask<workorder::SearchWorkOrdersResponse>(call, std::string(kOrders) + "SearchWorkOrders", request,
                                                     OrderTimeout(call, deps)));
  for (const auto& order : reply.work_orders()) {
    std::string digits;
    for (const char c : order.number()) {
      if (c >= '0' && c <= '9') digits += c;
    }
    if (digits == ask.order_number) return Answer(Seen(order));
  }
  return Answer(OrderFound{});
}

}  // namespace carillon::ivr::clients
