#include <catch2/catch.hpp>
#include <map>

#include "carillon/workorder/v1/workorder_events.pb.h"
#include "fixtures.hpp"
#include "workorder/domain/states.hpp"

namespace carillon::workorder::testing {
namespace {

using namespace std::chrono_literals;
using domain::Action;
using Order = pb::WorkOrder;

TEST_CASE("a complaint goes the whole loop from the ring to the customer's yes", "[workorder]") {
  Floor floor;
  const auto created = domain::Created(floor.By(kClerk), Wish(Order::COMPLAINT), {}, {}).value();
  CHECK(created.order.state() == Order::ACCEPTED);
  CHECK(created.order.owner() == kClerk);
  CHECK(created.order.priority() == Order::P2);
  CHECK(created.order.etag() == "1");
  CHECK(created.event->GetDescriptor()->full_name() == "carillon.workorder.v1.WorkOrderCreated");
  CHECK(FromProto(created.order.promised_time()) == floor.now + 24h);
  std::size_t entries = created.entries.size();

  const TimePoint start = floor.now;
  floor.Wait(7min);
  pb::DispatchWorkOrderRequest dispatch;
  dispatch.set_desk(kDesk);
  auto step = domain::Dispatched(floor.By(kClerk), created.order, dispatch).value();
  CHECK(step.order.state() == Order::DISPATCHED);
  entries += step.entries.size();

  floor.Wait(8min);
  step = domain::Accepted(floor.By(kDeskWorker), step.order, {}).value();
  CHECK(step.order.state() == Order::IN_PROGRESS);
  CHECK(FromProto(ClockOf(step.order, pb::SlaClock::ACCEPT)->elapsed()) == 15min);
  CHECK(ClockOf(step.order, pb::SlaClock::ACCEPT)->state() == pb::SlaClock::STOPPED);
  entries += step.entries.size();

  pb::SuspendWorkOrderRequest suspend;
  suspend.set_reason(pb::WAITING_PARTS);
  step = domain::Suspended(floor.By(kDeskWorker), step.order, suspend).value();
  entries += step.entries.size();
  step = domain::Resumed(floor.By(kDeskWorker), step.order, {}).value();
  entries += step.entries.size();

  floor.Wait(21h + 20min);
  auto completion = Completion();
  completion.set_root_cause(pb::ComplaintDetail::TECH_DEFECT);
  step = domain::Completed(floor.By(kDeskWorker), step.order, completion).value();
  CHECK(step.order.state() == Order::REVISIT_PENDING);
  REQUIRE(step.entries.size() == 2);
  CHECK(step.entries[0].to_state() == Order::COMPLETED);
  CHECK(step.order.complaint().root_cause() == pb::ComplaintDetail::TECH_DEFECT);
  entries += step.entries.size();

  floor.Wait(20min);
  step =
      domain::Revisited(floor.By(kRevisitor), step.order, Revisit(pb::Revisit::SATISFIED, pb::Revisit::YES))
          .value();
  CHECK(step.order.state() == Order::CLOSED);
  CHECK(step.order.close_reason() == Order::CONFIRMED);
  CHECK_FALSE(step.order.overdue());
  CHECK(step.order.tmf_state() == "closed");
  CHECK(FromProto(step.order.close_time()) - start == 21h + 55min);
  for (const auto& clock : step.order.clocks()) CHECK(clock.state() == pb::SlaClock::STOPPED);
  entries += step.entries.size();
  CHECK(entries == 8);
}

TEST_CASE("every state allows exactly the actions of the state machine", "[workorder]") {
  const std::map<Action, std::set<int>> allowed{
      {Action::kAnswer, {Order::ACCEPTED}},
      {Action::kDispatch, {Order::ACCEPTED, Order::RETURNED, Order::DISPATCHED, Order::REOPENED}},
      {Action::kAccept, {Order::DISPATCHED, Order::REOPENED}},
      {Action::kReturn, {Order::DISPATCHED}},
      {Action::kSuspend, {Order::IN_PROGRESS}},
      {Action::kResume, {Order::SUSPENDED}},
      {Action::kComplete, {Order::IN_PROGRESS}},
      {Action::kRevisit, {Order::REVISIT_PENDING}},
      {Action::kCancel, {Order::DRAFT, Order::ACCEPTED}},
      {Action::kConvert, {Order::DISPATCHED, Order::IN_PROGRESS}},
      {Action::kReject, {Order::DISPATCHED, Order::IN_PROGRESS}},
  };
  int checked = 0;
  for (int state = Order::State_MIN; state <= Order::State_MAX; ++state) {
    for (const auto& [action, states] : allowed) {
      INFO(Order::State_Name(static_cast<Order::State>(state)) << " " << ActionName(action));
      CHECK(domain::Allows(static_cast<Order::State>(state), action) == states.contains(state));
      ++checked;
    }
  }
  CHECK(checked == 14 * 11);
  for (const auto ended : {Order::CLOSED, Order::CANCELLED, Order::CONVERTED, Order::REJECTED}) {
    for (int action = 0; action <= static_cast<int>(Action::kOverdue); ++action) {
      CHECK_FALSE(domain::Allows(ended, static_cast<Action>(action)));
    }
  }
}

TEST_CASE("a complaint without a number to call back is refused, also by a later change", "[workorder]") {
  Floor floor;
  auto wish = Wish(Order::COMPLAINT);
  wish.clear_contact_number();
  CHECK(domain::Created(floor.By(kClerk), wish, {}, {}).error().reason == "CONTACT_NUMBER_REQUIRED");
  google::protobuf::FieldMask mask;
  mask.add_paths("contact_number");
  CHECK(domain::Updated(floor.By(kClerk), CreatedOrder(floor, Order::COMPLAINT), wish, mask, {})
            .error()
            .reason == "CONTACT_NUMBER_REQUIRED");
  wish.set_type(Order::SUGGESTION);
  CHECK(domain::Created(floor.By(kClerk), wish, {}, {}).has_value());
}

TEST_CASE("a complaint is completed only with all seven steps ticked", "[workorder]") {
  Floor floor;
  const auto order = OrderInProgress(floor, Order::COMPLAINT);
  for (int missing = 1; missing <= 7; ++missing) {
    auto in = Completion();
    const auto* field = pb::SevenSteps::descriptor()->FindFieldByNumber(missing);
    in.seven_steps().GetReflection()->SetBool(in.mutable_seven_steps(), field, false);
    const auto refused = domain::Completed(floor.By(kDeskWorker), order, in);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "SEVEN_STEPS_OPEN");
    CHECK(refused.error().metadata.at("open") == field->name());
  }
  CHECK(domain::Completed(floor.By(kDeskWorker), order, Completion()).has_value());
  auto unticked = Completion();
  unticked.clear_seven_steps();
  CHECK(domain::Completed(floor.By(kDeskWorker), OrderInProgress(floor, Order::FAULT), unticked).has_value());
}

TEST_CASE("only an inquiry, a query, a suggestion or a praise is answered at once", "[workorder]") {
  Floor floor;
  pb::AnswerWorkOrderRequest in;
  in.set_answer("月话费 128.60");
  for (int type = 1; type <= Order::Type_MAX; ++type) {
    INFO(Order::Type_Name(static_cast<Order::Type>(type)));
    const auto answered =
        domain::Answered(floor.By(kClerk), CreatedOrder(floor, static_cast<Order::Type>(type)), in);
    const bool may =
        type == Order::INQUIRY || type == Order::QUERY || type == Order::SUGGESTION || type == Order::PRAISE;
    REQUIRE(answered.has_value() == may);
    if (!may) {
      CHECK(answered.error().reason == "TYPE_NEEDS_HANDLING");
      continue;
    }
    CHECK(answered->order.state() == Order::CLOSED);
    CHECK(answered->order.first_contact_resolution());
    CHECK_FALSE(answered->order.overdue());
  }
}

TEST_CASE("nobody who handled an order asks its customer", "[workorder]") {
  Floor floor;
  const auto order = CompletedOrder(floor, Order::COMPLAINT);
  const auto in = Revisit(pb::Revisit::VERY_SATISFIED, pb::Revisit::YES);
  CHECK(domain::Revisited(floor.By(kDeskWorker), order, in).error().reason == "REVISIT_BY_HANDLER");
  CHECK(domain::Revisited(floor.By(kRevisitor), order, in).has_value());
  pb::RecordRevisitRequest mute;
  mute.set_reached(true);
  CHECK(domain::Revisited(floor.By(kRevisitor), order, mute).error().reason == "REVISIT_ANSWER_REQUIRED");
}

TEST_CASE("a customer who is not content has the order reopened, pressing, with its time running on",
          "[workorder]") {
  Floor floor;
  const auto completed = CompletedOrder(floor, Order::COMPLAINT);
  const auto used = ClockOf(completed, pb::SlaClock::HANDLE)->elapsed();
  floor.Wait(3h);
  for (const auto& in : {Revisit(pb::Revisit::NOT_SATISFIED, pb::Revisit::YES),
                         Revisit(pb::Revisit::SATISFIED, pb::Revisit::NO),
                         Revisit(pb::Revisit::NEUTRAL, pb::Revisit::PARTLY)}) {
    const auto reopened = domain::Revisited(floor.By(kRevisitor), completed, in).value();
    CHECK(reopened.order.state() == Order::REOPENED);
    CHECK(reopened.order.priority() == Order::P1);
    CHECK(reopened.order.escalated());
    CHECK(reopened.order.reopened_count() == 1);
    CHECK(reopened.event->GetDescriptor()->name() == "WorkOrderReopened");
    const auto* handle = ClockOf(reopened.order, pb::SlaClock::HANDLE);
    CHECK(handle->state() == pb::SlaClock::RUNNING);
    CHECK(FromProto(handle->elapsed()) == FromProto(used));  // asking the customer is not handling
    const auto again = domain::Accepted(floor.By(kDeskWorker), reopened.order, {}).value();
    CHECK(again.order.state() == Order::IN_PROGRESS);
    const auto done = domain::Completed(floor.By(kDeskWorker), again.order, Completion()).value();
    CHECK(done.order.revisits().empty());
    CHECK(ClockOf(done.order, pb::SlaClock::REVISIT)->state() == pb::SlaClock::RUNNING);
  }
}

TEST_CASE("unreachable means three tries on two days", "[workorder]") {
  Floor floor;
  auto order = CompletedOrder(floor, Order::FAULT);
  pb::ForceCloseWorkOrderRequest close;
  close.set_close_reason(Order::UNREACHABLE);
  close.set_note("短信已发");
  for (int tries = 1; tries <= 3; ++tries) {
    floor.Wait(1h);
    order = domain::Revisited(floor.By(kRevisitor), order, {}).value().order;
    CHECK(order.state() == Order::REVISIT_PENDING);
    CHECK(domain::ForceClosed(floor.By(kSupervisor), order, close).error().reason == "REVISIT_TRIES_TOO_FEW");
  }
  floor.Wait(24h);
  order = domain::Revisited(floor.By(kRevisitor), order, {}).value().order;
  const auto closed = domain::ForceClosed(floor.By(kSupervisor), order, close).value();
  CHECK(closed.order.state() == Order::CLOSED);
  CHECK(closed.order.close_reason() == Order::UNREACHABLE);
  // The fourth try came 28 hours after the work was done.
  CHECK(closed.order.overdue());
}

TEST_CASE("two tries on two days are too few", "[workorder]") {
  Floor floor;
  auto order = CompletedOrder(floor, Order::FAULT);
  order = domain::Revisited(floor.By(kRevisitor), order, {}).value().order;
  floor.Wait(24h);
  order = domain::Revisited(floor.By(kRevisitor), order, {}).value().order;
  pb::ForceCloseWorkOrderRequest close;
  close.set_close_reason(Order::UNREACHABLE);
  CHECK(domain::ForceClosed(floor.By(kSupervisor), order, close).error().reason == "REVISIT_TRIES_TOO_FEW");
  close.set_close_reason(Order::FORCED);
  CHECK(domain::ForceClosed(floor.By(kSupervisor), order, close).has_value());
}

TEST_CASE("the wrong desk sends an order back and it goes to another", "[workorder]") {
  Floor floor;
  pb::ReturnWorkOrderRequest in;
  in.set_reason("不属于本台");
  const auto returned =
      domain::Returned(floor.By(kDeskWorker), DispatchedOrder(floor, Order::FAULT), in).value();
  CHECK(returned.order.state() == Order::RETURNED);
  CHECK(returned.order.assignment().return_reason() == "不属于本台");
  CHECK(returned.order.handlers().empty());
  pb::DispatchWorkOrderRequest dispatch;
  dispatch.set_desk("desks/01900000-0000-7000-8000-0000000000d2");
  const auto again = domain::Dispatched(floor.By(kClerk), returned.order, dispatch).value();
  CHECK(again.order.assignment().step() == 2);
  CHECK(again.order.assignment().return_reason().empty());
}

TEST_CASE("waiting for the customer stops the clocks, waiting for parts does not", "[workorder]") {
  for (const auto reason : {pb::WAITING_CUSTOMER, pb::WAITING_PARTS, pb::WAITING_THIRD_PARTY}) {
    Floor floor;
    const auto order = OrderInProgress(floor, Order::FAULT);
    pb::SuspendWorkOrderRequest in;
    in.set_reason(reason);
    const auto waiting = domain::Suspended(floor.By(kDeskWorker), order, in).value().order;
    CHECK(waiting.tmf_state() == (reason == pb::WAITING_CUSTOMER ? "pending" : "held"));
    floor.Wait(30h);
    const auto resumed = domain::Resumed(floor.By(kDeskWorker), waiting, {}).value().order;
    const auto elapsed = FromProto(ClockOf(resumed, pb::SlaClock::HANDLE)->elapsed());
    CHECK(elapsed == (reason == pb::WAITING_CUSTOMER ? 0h : 30h));
    CHECK(resumed.overdue() == (reason != pb::WAITING_CUSTOMER));
  }
}

TEST_CASE("another priority changes the target and keeps what has elapsed", "[workorder]") {
  Floor floor;
  const auto order = OrderInProgress(floor, Order::FAULT);  // 24 hours
  floor.Wait(3h);
  pb::PrioritizeWorkOrderRequest in;
  in.set_priority(Order::P1);  // 4 hours
  const auto pressing = domain::Prioritized(floor.By(kSupervisor), order, in).value().order;
  const auto* clock = ClockOf(pressing, pb::SlaClock::HANDLE);
  CHECK(FromProto(clock->elapsed()) == 3h);
  CHECK(FromProto(clock->due_time()) == floor.now + 1h);
  CHECK_FALSE(pressing.overdue());
}

TEST_CASE("what the customer was told is the reply time, whatever the policy and the priority say",
          "[workorder]") {
  Floor floor;
  const auto told = [&](Order::Type type, Duration in) {
    auto wish = Wish(type);
    *wish.mutable_promised_time() = ToProto(floor.now + in);
    return domain::Created(floor.By(kClerk), wish, {}, {});
  };
  for (const auto type : {Order::COMPLAINT, Order::PRE_ACCEPTANCE}) {  // 24 hours, and no reply time
    const auto order = told(type, 3h).value().order;
    CHECK(FromProto(order.promised_time()) == floor.now + 3h);
    CHECK(FromProto(ClockOf(order, pb::SlaClock::REPLY)->due_time()) == floor.now + 3h);
    pb::PrioritizeWorkOrderRequest in;
    in.set_priority(Order::P1);
    const auto pressing = domain::Prioritized(floor.By(kSupervisor), order, in).value().order;
    CHECK(FromProto(ClockOf(pressing, pb::SlaClock::REPLY)->due_time()) == floor.now + 3h);
  }
  CHECK(told(Order::INQUIRY, 0s).error().reason == "PROMISE_PAST");
  const auto pre = told(Order::PRE_ACCEPTANCE, 3h).value().order;
  CHECK(domain::FormalWish(pre, floor.now + 1h).has_promised_time());
  CHECK_FALSE(domain::FormalWish(pre, floor.now + 3h).has_promised_time());
  CHECK_FALSE(domain::FormalWish(CreatedOrder(floor, Order::PRE_ACCEPTANCE), floor.now).has_promised_time());
}

TEST_CASE("the same complaint again is linked to the first and more pressing", "[workorder]") {
  Floor floor;
  const auto first = CreatedOrder(floor, Order::COMPLAINT);
  const auto second = domain::Created(floor.By(kClerk), Wish(Order::COMPLAINT), {first}, {}).value().order;
  REQUIRE(second.links_size() == 1);
  CHECK(second.links(0).relation() == pb::Link::DUPLICATES);
  CHECK(second.links(0).work_order() == first.name());
  CHECK(second.priority() == Order::P1);
  CHECK(domain::Created(floor.By(kClerk), Wish(Order::INQUIRY), {first}, {}).value().order.priority() ==
        Order::P3);
}

TEST_CASE("a pre-acceptance becomes a formal order or is refused", "[workorder]") {
  Floor floor;
  const auto order = OrderInProgress(floor, Order::PRE_ACCEPTANCE);
  const auto converted = domain::Converted(floor.By(kDeskWorker), order, {}, "workOrders/x").value().order;
  CHECK(converted.state() == Order::CONVERTED);
  CHECK(converted.converted_to() == "workOrders/x");
  const auto formal =
      domain::Created(floor.By(kDeskWorker), domain::FormalWish(order, floor.now), {}, {}).value().order;
  CHECK(formal.type() == Order::ACCEPTANCE);
  CHECK(formal.contact_number() == order.contact_number());
  CHECK(formal.links(0).relation() == pb::Link::CONVERTED_FROM);
  CHECK(formal.state() == Order::ACCEPTED);
  CHECK(formal.handlers().empty());
  pb::RejectWorkOrderRequest reject;
  reject.set_reason("缺证件");
  CHECK(domain::Rejected(floor.By(kDeskWorker), order, reject).value().order.state() == Order::REJECTED);
  CHECK(
      domain::Rejected(floor.By(kDeskWorker), OrderInProgress(floor, Order::FAULT), reject).error().reason ==
      "NOT_A_PRE_ACCEPTANCE");
}

TEST_CASE("an order is cancelled by who made it or by a supervisor", "[workorder]") {
  Floor floor;
  const auto order = CreatedOrder(floor, Order::INQUIRY);
  pb::CancelWorkOrderRequest in;
  in.set_reason("客户撤单");
  CHECK(domain::Cancelled(floor.By(kRevisitor), order, in).error().reason == "ORDER_OF_ANOTHER");
  CHECK(domain::Cancelled(floor.By(kClerk), order, in).value().order.state() == Order::CANCELLED);
  CHECK(domain::Cancelled(floor.By(kSupervisor), order, in).has_value());
  CHECK(domain::Cancelled(floor.By(kClerk), DispatchedOrder(floor, Order::INQUIRY), in).error().reason ==
        "WORK_ORDER_STATE");
}

TEST_CASE("an event says nothing that belongs to the customer", "[workorder]") {
  Floor floor;
  auto wish = Wish(Order::COMPLAINT);
  wish.set_title("TITLE");
  wish.mutable_service_address()->set_detail("STREET");
  wish.mutable_complaint()->set_demand("DEMAND");
  (*wish.mutable_custom_fields()->mutable_fields())["note"].set_string_value("CUSTOM");
  pb::CustomField field;
  field.set_key("note");
  field.set_kind(pb::CustomField::TEXT);
  const auto created = domain::Created(floor.By(kClerk), wish, {}, {field}).value();
  const auto text = created.event->DebugString();
  for (const auto* word : {"13800137712", "TITLE", "STREET", "DEMAND", "CUSTOM"}) {
    INFO(word);
    CHECK(created.order.DebugString().find(word) != std::string::npos);
    CHECK(text.find(word) == std::string::npos);
  }
  CHECK(text.find("number: \"20260401-000001\"") != std::string::npos);
}

TEST_CASE("the tenant's own fields are checked against their definitions", "[workorder]") {
  Floor floor;
  std::vector<pb::CustomField> fields(5);
  const auto kinds = {pb::CustomField::TEXT, pb::CustomField::NUMBER, pb::CustomField::FLAG,
                      pb::CustomField::CHOICE, pb::CustomField::DATE};
  const auto keys = {"text", "number", "flag", "choice", "date"};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i].set_kind(kinds.begin()[i]);
    fields[i].set_key(keys.begin()[i]);
  }
  fields[3].add_choices("red");
  fields[0].set_required(true);
  auto order = Wish(Order::OTHER);
  auto& values = *order.mutable_custom_fields()->mutable_fields();
  CHECK(domain::CheckCustomFields(order, fields).error().violations.at(0).field ==
        "work_order.custom_fields.text");
  values["text"].set_string_value("x");
  CHECK(domain::CheckCustomFields(order, fields).has_value());
  values["number"].set_number_value(7);
  values["flag"].set_bool_value(true);
  values["choice"].set_string_value("red");
  values["date"].set_string_value("2026-02-28");
  CHECK(domain::CheckCustomFields(order, fields).has_value());
  const auto refused = [&] { return domain::CheckCustomFields(order, fields).error().reason; };
  SECTION("a choice that is none") {
    values["choice"].set_string_value("blue");
    CHECK(refused() == "CUSTOM_FIELD_INVALID");
  }
  SECTION("a day that is none") {
    values["date"].set_string_value("2026-02-30");
    CHECK(refused() == "CUSTOM_FIELD_INVALID");
  }
  SECTION("a word for a number") {
    values["number"].set_string_value("seven");
    CHECK(refused() == "CUSTOM_FIELD_INVALID");
  }
  SECTION("a field nobody defined") {
    values["more"].set_bool_value(true);
    CHECK(refused() == "CUSTOM_FIELD_INVALID");
  }
  SECTION("a field of another type") {
    fields[2].set_type(Order::FAULT);
    CHECK(refused() == "CUSTOM_FIELD_INVALID");
  }
}

TEST_CASE("the sweep notes a broken promise once", "[workorder]") {
  Floor floor;
  const auto order = DispatchedOrder(floor, Order::COMPLAINT);
  floor.Wait(30min);
  CHECK(domain::Swept(floor.By("services/workorder"), order).event == nullptr);
  floor.Wait(1s);
  const auto swept = domain::Swept(floor.By("services/workorder"), order);
  REQUIRE(swept.event);
  CHECK(swept.order.overdue());
  REQUIRE(swept.entries.size() == 1);
  CHECK(swept.entries[0].note() == "ACCEPT");
  CHECK(domain::NextDue(swept.order) == Noonish() + 24h);
  floor.Wait(1h);
  CHECK(domain::Swept(floor.By("services/workorder"), swept.order).event == nullptr);
}

TEST_CASE("what is fixed at creation stays", "[workorder]") {
  Floor floor;
  const auto order = CreatedOrder(floor, Order::FAULT);
  auto wish = order;
  wish.set_title("new");
  wish.set_state(Order::CLOSED);
  wish.set_owner("users/other");
  google::protobuf::FieldMask mask;
  const auto all = domain::Updated(floor.By(kClerk), order, wish, mask, {}).value().order;
  CHECK(all.title() == "new");
  CHECK(all.state() == Order::ACCEPTED);
  CHECK(all.owner() == kClerk);
  CHECK(all.etag() == "2");
  for (const auto* path : {"state", "owner", "type", "no_such_field", "complaint.no_such_field"}) {
    mask.Clear();
    mask.add_paths(path);
    CHECK(domain::Updated(floor.By(kClerk), order, wish, mask, {}).error().reason == "FIELD_FIXED");
  }
}

}  // namespace
}  // namespace carillon::workorder::testing
