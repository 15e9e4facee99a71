#include "workorder/store/orders.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "testing/database.hpp"
#include "workorder/api/methods.hpp"
#include "workorder/jobs/sweep_overdue.hpp"

namespace carillon::workorder {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::workorder::v1;
using Order = pb::WorkOrder;

testing::Database& Db() {
  static testing::Database db("workorder");
  return db;
}

domain::Hours ShanghaiHours() {
  return domain::Hours::Parse(calendar::TimeZone::Load("Asia/Shanghai").value(), "1-5 09:00-18:00", "")
      .value();
}

/// 2026-04-01 13:05 in Shanghai.
const TimePoint kNoonish{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1} + 5h + 5min};

/// The methods over the real database, for a tenant of its own.
struct Centre {
  pg::Pool db{Db().app_url(), 8, "workorder-test"};
  pg::Pool worker{Db().worker_url(), 2, "workorder-test"};
  domain::Hours hours = ShanghaiHours();
  api::DeskFeeds feeds{db};
  api::Deps deps{db, hours, feeds};
  std::string tenant = testing::SomeId();
  std::string client = testing::SomeId();
  std::string clerk = testing::SomeId(), worker_at_desk = testing::SomeId(), revisitor = testing::SomeId();
  TimePoint now = kNoonish;
  std::string desk = MakeDesk("天河处理台");

  Call By(const std::string& user) {
    auto call = testing::CallOf(tenant, {client}, user, {});
    call.now = now;
    return call;
  }
  std::string MakeDesk(const std::string& name) {
    pb::CreateDeskRequest in;
    in.mutable_desk()->set_display_name(name);
    auto call = By(clerk);
    return api::CreateDesk(call, deps, in).value().name();
  }
  pb::CreateWorkOrderRequest Wish(Order::Type type) {
    pb::CreateWorkOrderRequest in;
    in.mutable_work_order()->set_type(type);
    in.mutable_work_order()->set_contact_number("+8613800137712");
    in.mutable_work_order()->set_description("宽带断线");
    return in;
  }
  Order Create(Order::Type type) {
    auto call = By(clerk);
    return api::CreateWorkOrder(call, deps, Wish(type)).value();
  }
  template <class Request>
  Request On(const Order& order) {
    Request in;
    in.set_name(order.name());
    return in;
  }
  Order Dispatch(const Order& order) {
    auto in = On<pb::DispatchWorkOrderRequest>(order);
    in.set_desk(desk);
    auto call = By(clerk);
    return api::DispatchWorkOrder(call, deps, in).value();
  }
  Order Accept(const Order& order) {
    auto call = By(worker_at_desk);
    return api::AcceptWorkOrder(call, deps, On<pb::AcceptWorkOrderRequest>(order)).value();
  }
  Order Complete(const Order& order) {
    auto in = On<pb::CompleteWorkOrderRequest>(order);
    in.set_result("已修复");
    auto& steps = *in.mutable_seven_steps();
    for (int i = 1; i <= 7; ++i) {
      steps.GetReflection()->SetBool(&steps, steps.GetDescriptor()->FindFieldByNumber(i), true);
    }
    auto call = By(worker_at_desk);
    return api::CompleteWorkOrder(call, deps, in).value();
  }
  Order Revisit(const Order& order, pb::Revisit::Solved solved) {
    auto in = On<pb::RecordRevisitRequest>(order);
    in.set_reached(true);
    in.set_satisfaction(pb::Revisit::SATISFIED);
    in.set_solved(solved);
    auto call = By(revisitor);
    return api::RecordRevisit(call, deps, in).value();
  }
  Order Get(const Order& order) {
    auto call = By(clerk);
    return api::GetWorkOrder(call, deps, On<pb::GetWorkOrderRequest>(order)).value();
  }
  /// Behind the curtain.
  pqxx::result Look(const std::string& sql) {
    pqxx::connection admin(Db().admin_url());
    return pqxx::nontransaction(admin).exec(sql);
  }
};

TEST_CASE("a complaint's whole life is in its row, its history, its steps and its events",
          "[workorder][store]") {
  Centre centre;
  auto order = centre.Create(Order::COMPLAINT);
  CHECK(order.number() == "20260401-000001");
  CHECK(order.client() == "clients/" + centre.client);
  centre.now += 7min;
  order = centre.Dispatch(order);
  centre.now += 8min;
  order = centre.Accept(order);
  centre.now += 21h;
  order = centre.Complete(order);
  centre.now += 20min;
  order = centre.Revisit(order, pb::Revisit::NO);
  CHECK(order.state() == Order::REOPENED);
  order = centre.Complete(centre.Accept(order));
  centre.now += 20min;
  order = centre.Revisit(order, pb::Revisit::YES);
  CHECK(order.state() == Order::CLOSED);
  CHECK(centre.Get(order).SerializeAsString() == order.SerializeAsString());

  pb::ListHistoryRequest in;
  in.set_parent(order.name());
  auto call = centre.By(centre.clerk);
  const auto history = api::ListHistory(call, centre.deps, in).value();
  std::vector<std::string> lines;
  for (int i = 0; i < history.entries_size(); ++i) {
    CHECK(history.entries(i).sequence() == i + 1);
    lines.push_back(history.entries(i).action() + ">" + Order::State_Name(history.entries(i).to_state()));
  }
  CHECK(lines == std::vector<std::string>{"CREATE>ACCEPTED", "DISPATCH>DISPATCHED", "ACCEPT>IN_PROGRESS",
                                          "COMPLETE>COMPLETED", "COMPLETE>REVISIT_PENDING",
                                          "REVISIT>REOPENED", "ACCEPT>IN_PROGRESS", "COMPLETE>COMPLETED",
                                          "COMPLETE>REVISIT_PENDING", "REVISIT>CLOSED"});
  const auto id = order.name().substr(11);
  CHECK(centre.Look("SELECT 1 FROM assignments WHERE work_order_id = '" + id + "'").size() == 1);
  CHECK(centre.Look("SELECT 1 FROM revisits WHERE work_order_id = '" + id + "'").size() == 2);
  std::vector<std::string> events;
  for (const auto& row : centre.Look("SELECT type FROM outbox WHERE key = '" + id + "' ORDER BY id")) {
    events.push_back(std::string(row[0].c_str()).substr(21));
  }
  CHECK(events == std::vector<std::string>{".WorkOrderCreated", ".WorkOrderDispatched", ".WorkOrderAccepted",
                                           ".WorkOrderCompleted", ".WorkOrderReopened", ".WorkOrderAccepted",
                                           ".WorkOrderCompleted", ".WorkOrderClosed"});
  CHECK(centre
            .Look("SELECT 1 FROM outbox WHERE key = '" + id +
                  "' AND (position('13800137712' IN encode(payload, 'escape')) > 0 OR "
                  "position('宽带'::bytea IN payload) > 0)")
            .empty());
}

TEST_CASE("eight clerks at once get as many numbers, each its own", "[workorder][store]") {
  Centre centre;
  std::vector<std::jthread> clerks;
  std::mutex mutex;
  std::set<std::string> numbers;
  for (int clerk = 0; clerk < 8; ++clerk) {
    clerks.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        const auto order = centre.Create(Order::INQUIRY);
        const std::lock_guard lock(mutex);
        numbers.insert(order.number());
      }
    });
  }
  clerks.clear();
  CHECK(numbers.size() == 80);
  CHECK(*numbers.begin() == "20260401-000001");
  CHECK(*numbers.rbegin() == "20260401-000080");
  centre.now += 11h;  // past midnight in Shanghai
  CHECK(centre.Create(Order::INQUIRY).number() == "20260402-000001");
}

TEST_CASE("the history of an order cannot be edited, not even by the tables' owner", "[workorder][store]") {
  Centre centre;
  const auto id = centre.Create(Order::FAULT).name().substr(11);
  for (const auto& url : {Db().owner_url(), Db().worker_url(), Db().app_url(), Db().admin_url()}) {
    pqxx::connection connection(url);
    for (const auto* sql : {"UPDATE work_order_history SET note = 'x'",
                            "UPDATE work_order_history SET note = '', actor = 'users/somebody else'",
                            "DELETE FROM work_order_history", "TRUNCATE work_order_history",
                            "UPDATE work_order_history_rest SET note = 'x'"}) {
      INFO(sql);
      pqxx::work work(connection);
      work.exec("SELECT set_config('app.tenant', '" + centre.tenant +
                "', true), set_config('app.clients', '*', true)");
      // The partition itself shows its owner nothing, so that nothing is changed there either.
      const std::string_view statement = sql;
      if (statement.find("_rest") != std::string_view::npos && url == Db().owner_url()) {
        CHECK(work.exec(sql).affected_rows() == 0);
      } else {
        CHECK_THROWS_AS(work.exec(sql), pqxx::sql_error);
      }
    }
  }
  CHECK(centre.Look("SELECT 1 FROM work_order_history WHERE work_order_id = '" + id + "' AND note = ''")
            .size() == 1);
}

TEST_CASE("neither another tenant nor another client sees an order", "[workorder][store]") {
  Centre centre;
  const auto order = centre.Create(Order::FAULT);
  pb::GetWorkOrderRequest in;
  in.set_name(order.name());
  auto stranger = testing::CallOf(testing::SomeId());
  CHECK(api::GetWorkOrder(stranger, centre.deps, in).error().reason == "WORK_ORDER_UNKNOWN");
  auto other = testing::CallOf(centre.tenant, {testing::SomeId()});
  CHECK(api::GetWorkOrder(other, centre.deps, in).error().reason == "WORK_ORDER_UNKNOWN");
  auto both = testing::CallOf(centre.tenant, {testing::SomeId(), centre.client});
  CHECK(api::GetWorkOrder(both, centre.deps, in).has_value());
  pb::ListHistoryRequest history;
  history.set_parent(order.name());
  CHECK(api::ListHistory(other, centre.deps, history).error().reason == "WORK_ORDER_UNKNOWN");
  auto wish = centre.Wish(Order::FAULT);
  wish.mutable_work_order()->set_client("clients/" + centre.client);
  CHECK(api::CreateWorkOrder(other, centre.deps, wish).error().code == Code::kPermissionDenied);
  wish.mutable_work_order()->clear_client();
  CHECK(api::CreateWorkOrder(both, centre.deps, wish).error().reason == "CLIENT_REQUIRED");
  const auto open = centre.Look(
      "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' "
      "AND relkind "
      "IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'schema_migrations'");
  for (const auto& row : open) FAIL("no row-level security on " << row[0].c_str());
  CHECK(open.empty());
}

TEST_CASE("two people change one order: the second is told to look again", "[workorder][store]") {
  Centre centre;
  const auto seen = centre.Dispatch(centre.Create(Order::FAULT));
  centre.Accept(seen);
  auto in = centre.On<pb::ReturnWorkOrderRequest>(seen);
  in.set_reason("不属于本台");
  in.set_etag(seen.etag());
  auto call = centre.By(centre.worker_at_desk);
  CHECK(api::ReturnWorkOrder(call, centre.deps, in).error().code == Code::kAborted);
  in.clear_etag();
  CHECK(api::ReturnWorkOrder(call, centre.deps, in).error().reason == "WORK_ORDER_STATE");
}

TEST_CASE("ten desk workers take one order and one of them has it", "[workorder][store]") {
  Centre centre;
  const auto order = centre.Dispatch(centre.Create(Order::FAULT));
  std::atomic<int> taken = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < 10; ++i) {
      people.emplace_back([&] {
        auto call = centre.By(testing::SomeId());
        const auto got =
            api::AcceptWorkOrder(call, centre.deps, centre.On<pb::AcceptWorkOrderRequest>(order));
        if (got) ++taken;
        if (!got && got.error().reason == "WORK_ORDER_STATE") ++refused;
      });
    }
  }
  CHECK(taken == 1);
  CHECK(refused == 9);
}

TEST_CASE("a request that is repeated makes one order and gets the same answer", "[workorder][store]") {
  Centre centre;
  auto call = centre.By(centre.clerk);
  call.request_id = testing::SomeId();
  call.request_hash = "hash";
  call.replay_key = std::string(32, 'k');
  const auto first = api::CreateWorkOrder(call, centre.deps, centre.Wish(Order::FAULT)).value();
  centre.now += 1min;
  const auto again = api::CreateWorkOrder(call, centre.deps, centre.Wish(Order::FAULT)).value();
  CHECK(again.SerializeAsString() == first.SerializeAsString());
  CHECK(centre.Look("SELECT 1 FROM work_orders WHERE tenant_id = '" + centre.tenant + "'").size() == 1);
}

TEST_CASE("the same customer's same matter is linked within a day, not after", "[workorder][store]") {
  Centre centre;
  auto wish = centre.Wish(Order::COMPLAINT);
  wish.mutable_work_order()->set_customer("customers/" + testing::SomeId());
  wish.mutable_work_order()->set_product("ADSL");
  const auto make = [&] {
    auto call = centre.By(centre.clerk);
    return api::CreateWorkOrder(call, centre.deps, wish).value();
  };
  const auto first = make();
  centre.now += 23h;
  const auto second = make();
  REQUIRE(second.links_size() == 1);
  CHECK(second.links(0).work_order() == first.name());
  CHECK(second.priority() == Order::P1);
  centre.now += 25h;
  CHECK(make().links().empty());
}

TEST_CASE("a list goes page by page over every order once, newest first", "[workorder][store]") {
  Centre centre;
  std::vector<std::string> made;
  for (int i = 0; i < 11; ++i) {
    made.push_back(centre.Create(i % 3 == 0 ? Order::FAULT : Order::INQUIRY).name());
    if (i % 2 == 0) centre.now += 1s;  // some at the same moment
  }
  pb::ListWorkOrdersRequest in;
  in.set_page_size(4);
  std::vector<std::string> listed;
  for (int pages = 0; pages < 5; ++pages) {
    auto call = centre.By(centre.clerk);
    const auto page = api::ListWorkOrders(call, centre.deps, in).value();
    for (const auto& order : page.work_orders()) listed.push_back(order.name());
    if (page.next_page_token().empty()) break;
    in.set_page_token(page.next_page_token());
  }
  CHECK(listed.size() == 11);
  CHECK(std::set(listed.begin(), listed.end()) == std::set(made.begin(), made.end()));
  CHECK(listed.back() == made.front());
  auto call = centre.By(centre.clerk);
  in.add_types(Order::FAULT);
  CHECK(api::ListWorkOrders(call, centre.deps, in).error().reason == "PAGE_TOKEN_INVALID");
  in.clear_page_token();
  CHECK(api::ListWorkOrders(call, centre.deps, in).value().work_orders_size() == 4);
  in.add_states(Order::CLOSED);
  CHECK(api::ListWorkOrders(call, centre.deps, in).value().work_orders().empty());
}

TEST_CASE("an order is found by its number, its contact and its customer", "[workorder][store]") {
  Centre centre;
  auto wish = centre.Wish(Order::FAULT);
  wish.mutable_work_order()->set_customer("customers/" + testing::SomeId());
  auto call = centre.By(centre.clerk);
  const auto order = api::CreateWorkOrder(call, centre.deps, wish).value();
  for (const auto& query :
       {order.number(), std::string("20260401"), order.contact_number(), order.customer()}) {
    pb::SearchWorkOrdersRequest in;
    in.set_query(query);
    INFO(query);
    const auto found = api::SearchWorkOrders(call, centre.deps, in).value();
    REQUIRE(found.work_orders_size() == 1);
    CHECK(found.work_orders(0).name() == order.name());
  }
  pb::SearchWorkOrdersRequest in;
  in.set_query("20270401");
  CHECK(api::SearchWorkOrders(call, centre.deps, in).value().work_orders().empty());
}

TEST_CASE("the sweep marks the late orders of every tenant, once", "[workorder][store]") {
  Centre one;
  Centre two;
  const auto late = one.Create(Order::COMPLAINT);
  const auto late_too = two.Create(Order::COMPLAINT);
  const auto done = one.Accept(one.Dispatch(one.Create(Order::COMPLAINT)));
  auto call = testing::CallOf("");
  call.principal.service = true;
  call.principal.user = "services/workorder";
  call.now = kNoonish + 31min;
  const auto call_for = [&](const std::string& tenant) {
    auto own = call;
    own.principal.tenant = tenant;
    return own;
  };
  CHECK(jobs::SweepOverdue(call, one.worker, one.hours, call_for).value() >= 2);
  CHECK(one.Get(late).overdue());
  CHECK(two.Get(late_too).overdue());
  CHECK_FALSE(one.Get(done).overdue());
  CHECK(one.Look("SELECT 1 FROM outbox WHERE key = '" + late.name().substr(11) +
                 "' AND type = 'carillon.workorder.v1.WorkOrderOverdue'")
            .size() == 1);
  CHECK(jobs::SweepOverdue(call, one.worker, one.hours, call_for).value() == 0);
}

TEST_CASE("a desk is made once, and an order goes only to one that exists", "[workorder][store]") {
  Centre centre;
  pb::CreateDeskRequest in;
  in.mutable_desk()->set_display_name("天河处理台");
  auto call = centre.By(centre.clerk);
  CHECK(api::CreateDesk(call, centre.deps, in).error().reason == "DESK_EXISTS");
  centre.MakeDesk("抢修二队");
  const auto desks = api::ListDesks(call, centre.deps, {}).value();
  CHECK(desks.desks_size() == 2);
  auto dispatch = centre.On<pb::DispatchWorkOrderRequest>(centre.Create(Order::FAULT));
  dispatch.set_desk("desks/" + testing::SomeId());
  CHECK(api::DispatchWorkOrder(call, centre.deps, dispatch).error().reason == "DESK_UNKNOWN");
}

TEST_CASE("a pre-acceptance and the formal order it becomes are saved together", "[workorder][store]") {
  Centre centre;
  const auto order = centre.Dispatch(centre.Create(Order::PRE_ACCEPTANCE));
  auto call = centre.By(centre.worker_at_desk);
  const auto formal =
      api::ConvertWorkOrder(call, centre.deps, centre.On<pb::ConvertWorkOrderRequest>(order)).value();
  CHECK(formal.type() == Order::ACCEPTANCE);
  CHECK(formal.number() == "20260401-000002");
  CHECK(centre.Get(order).converted_to() == formal.name());
  CHECK(centre.Get(formal).links(0).work_order() == order.name());
}

TEST_CASE("a tenant's own promises and fields hold for its next order", "[workorder][store]") {
  Centre centre;
  auto call = centre.By(centre.clerk);
  pb::SetSlaPolicyRequest policy;
  policy.mutable_policy()->set_type(Order::FAULT);
  policy.mutable_policy()->set_handle_minutes(45);
  policy.mutable_policy()->set_calendar(pb::SlaClock::ROUND_THE_CLOCK);
  REQUIRE(api::SetSlaPolicy(call, centre.deps, policy));
  const auto order = centre.Create(Order::FAULT);
  REQUIRE(order.clocks_size() == 1);
  CHECK(FromProto(order.clocks(0).due_time()) == kNoonish + 45min);
  const auto policies = api::ListSlaPolicies(call, centre.deps, {}).value();
  int faults = 0;
  for (const auto& each : policies.policies()) faults += each.type() == Order::FAULT ? 1 : 0;
  CHECK(faults == 1);

  pb::SetCustomFieldRequest field;
  field.mutable_field()->set_key("meter");
  field.mutable_field()->set_kind(pb::CustomField::TEXT);
  field.mutable_field()->set_required(true);
  REQUIRE(api::SetCustomField(call, centre.deps, field));
  auto wish = centre.Wish(Order::FAULT);
  CHECK(api::CreateWorkOrder(call, centre.deps, wish).error().reason == "CUSTOM_FIELD_INVALID");
  (*wish.mutable_work_order()->mutable_custom_fields()->mutable_fields())["meter"].set_string_value(
      "QY0763118822");
  const auto kept = api::CreateWorkOrder(call, centre.deps, wish).value();
  CHECK(centre.Get(kept).custom_fields().fields().at("meter").string_value() == "QY0763118822");
  CHECK(api::ListCustomFields(call, centre.deps, {}).value().fields_size() == 1);
}

TEST_CASE("a desk's stream begins with its whole list and follows it", "[workorder][store]") {
  Centre centre;
  const auto first = centre.Dispatch(centre.Create(Order::FAULT));
  pb::WatchDeskRequest in;
  in.set_name(centre.desk);
  auto call = centre.By(centre.worker_at_desk);
  const auto feed = api::WatchDesk(call, centre.deps, in).value();
  const auto take = [&] {
    const auto message = feed->Take();
    return message ? *static_cast<const pb::WatchDeskResponse*>(message.get()) : pb::WatchDeskResponse{};
  };
  CHECK(take().work_order().name() == first.name());
  CHECK(take().complete());
  CHECK(take().change_case() == pb::WatchDeskResponse::CHANGE_NOT_SET);
  centre.feeds.Refresh();
  CHECK(take().change_case() == pb::WatchDeskResponse::CHANGE_NOT_SET);
  const auto second = centre.Dispatch(centre.Create(Order::FAULT));
  centre.Accept(first);
  centre.feeds.Refresh();
  std::map<std::string, Order::State> changed;
  for (auto message = take(); message.has_work_order(); message = take()) {
    changed[message.work_order().name()] = message.work_order().state();
  }
  CHECK(changed == std::map<std::string, Order::State>{{first.name(), Order::IN_PROGRESS},
                                                       {second.name(), Order::DISPATCHED}});
  auto close = centre.On<pb::ForceCloseWorkOrderRequest>(second);
  close.set_close_reason(Order::FORCED);
  close.set_note("测试");
  REQUIRE(api::ForceCloseWorkOrder(call, centre.deps, close));
  centre.feeds.Refresh();
  CHECK(take().removed() == second.name());
  in.set_name("desks/" + testing::SomeId());
  CHECK(api::WatchDesk(call, centre.deps, in).error().reason == "DESK_UNKNOWN");
}

}  // namespace
}  // namespace carillon::workorder
