#pragma once
#include "base/proto_time.hpp"
#include "workorder/domain/order.hpp"

/// An order and the people who work on it, for tests.
namespace carillon::workorder::testing {

namespace pb = carillon::workorder::v1;

inline constexpr const char* kClerk = "users/01900000-0000-7000-8000-000000001023";
inline constexpr const char* kDeskWorker = "users/01900000-0000-7000-8000-000000002001";
inline constexpr const char* kRevisitor = "users/01900000-0000-7000-8000-000000003301";
inline constexpr const char* kSupervisor = "users/01900000-0000-7000-8000-000000009001";
inline constexpr const char* kDesk = "desks/01900000-0000-7000-8000-0000000000d1";

/// 2026-04-01 13:05 in Shanghai.
inline TimePoint Noonish() {
  return TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + std::chrono::hours{5} +
                   std::chrono::minutes{5}};
}

inline domain::Hours ShanghaiHours() {
  const auto zone = calendar::TimeZone::Load("Asia/Shanghai");
  return domain::Hours::Parse(zone.value(), "1-5 09:00-18:00", "2026-10-01").value();
}

/// People and a clock that stands until it is moved.
struct Floor {
  domain::Hours hours = ShanghaiHours();
  std::vector<pb::SlaPolicy> policies;
  TimePoint now = Noonish();
  domain::Desk By(const char* user) {
    return {user, user == std::string_view(kSupervisor), now, hours, policies};
  }
  void Wait(Duration length) { now += length; }
};

inline pb::WorkOrder Wish(pb::WorkOrder::Type type) {
  pb::WorkOrder wish;
  wish.set_name("workOrders/01900000-0000-7000-8000-000000000001");
  wish.set_number("20260401-000001");
  wish.set_client("clients/01900000-0000-7000-8000-00000000000c");
  wish.set_type(type);
  wish.set_contact_name("黄志强");
  wish.set_contact_number("+8613800137712");
  wish.set_description("宽带断线");
  return wish;
}

inline pb::WorkOrder CreatedOrder(Floor& floor, pb::WorkOrder::Type type) {
  return domain::Created(floor.By(kClerk), Wish(type), {}, {}).value().order;
}
inline pb::WorkOrder DispatchedOrder(Floor& floor, pb::WorkOrder::Type type) {
  pb::DispatchWorkOrderRequest in;
  in.set_desk(kDesk);
  return domain::Dispatched(floor.By(kClerk), CreatedOrder(floor, type), in).value().order;
}
inline pb::WorkOrder OrderInProgress(Floor& floor, pb::WorkOrder::Type type) {
  return domain::Accepted(floor.By(kDeskWorker), DispatchedOrder(floor, type), {}).value().order;
}
inline pb::CompleteWorkOrderRequest Completion() {
  pb::CompleteWorkOrderRequest in;
  in.set_result("端口故障已修复");
  auto& steps = *in.mutable_seven_steps();
  steps.set_accept(true);
  steps.set_apologize(true);
  steps.set_acknowledge(true);
  steps.set_analyze(true);
  steps.set_alternatives(true);
  steps.set_agreement(true);
  steps.set_assure(true);
  return in;
}
inline pb::WorkOrder CompletedOrder(Floor& floor, pb::WorkOrder::Type type) {
  return domain::Completed(floor.By(kDeskWorker), OrderInProgress(floor, type), Completion()).value().order;
}
inline pb::RecordRevisitRequest Revisit(pb::Revisit::Satisfaction satisfaction, pb::Revisit::Solved solved) {
  pb::RecordRevisitRequest in;
  in.set_reached(true);
  in.set_satisfaction(satisfaction);
  in.set_solved(solved);
  return in;
}
inline const pb::SlaClock* ClockOf(const pb::WorkOrder& order, pb::SlaClock::Kind kind) {
  for (const auto& clock : order.clocks()) {
    if (clock.kind() == kind) return &clock;
  }
  return nullptr;
}

}  // namespace carillon::workorder::testing
