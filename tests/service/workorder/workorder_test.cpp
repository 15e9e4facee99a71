#include <catch2/catch.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <pqxx/pqxx>

#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_events.pb.h"
#include "carillon/workorder/v1/workorder_events.pb.h"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "kafka/kafka.hpp"
#include "obs/log.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

namespace carillon::workorder {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::workorder::v1;
namespace access = carillon::access::v1;
using Order = pb::WorkOrder;

constexpr const char* kAccess = "carillon.access.v1.AccessService/";
constexpr const char* kOrders = "carillon.workorder.v1.WorkOrderService/";
constexpr const char* kPassword = "lantern-copper-7431-orbit";
constexpr const char* kSecret = "a secret of these tests only";

Call AnyCall() {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + 20s;
  call.traceparent = obs::NewTraceparent();
  return call;
}

kafka::Connection Brokers() {
  return {testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
}

/// access and workorder as real processes, and people with logins.
class Centre {
 public:
  Centre()
      : access("access", access_db_,
               {{"BOOTSTRAP_PASSWORD", kPassword},
                {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                {"SERVICES_SECRETS", std::string("workorder=") + kSecret}}),
        service("workorder", db_,
                {{"PEERS", "access=" + access.target()},
                 {"AUTH_SECRET", kSecret},
                 {"WATCH_INTERVAL_MS", "50"},
                 {"KAFKA_BROKERS", Brokers().brokers},
                 {"KAFKA_USERNAME", Brokers().username},
                 {"KAFKA_PASSWORD", Brokers().password}}) {
    admin_ = LogIn("admin");
    clerk = Hire("clerk", {"CSR", "DISPATCHER"});
    plain = Hire("plain", {"CSR"});
    handler = Hire("handler", {"BACK_OFFICE"});
    revisitor = Hire("revisitor", {"CALLBACK_AGENT"});
    pb::CreateDeskRequest in;
    in.mutable_desk()->set_display_name("天河处理台");
    desk = Ask<pb::Desk>(*admin_, "CreateDesk", in).value().name();
  }

  template <class Response, class Request>
  Result<Response> Ask(rpc::Peer& as, const std::string& method, const Request& request) {
    return as.Ask<Response>(AnyCall(), kOrders + method, request, 15s);
  }
  pb::CreateWorkOrderRequest Wish(Order::Type type) {
    pb::CreateWorkOrderRequest in;
    in.mutable_work_order()->set_type(type);
    in.mutable_work_order()->set_contact_number("+8613800137712");
    in.mutable_work_order()->set_contact_name("黄志强");
    in.set_request_id(testing::SomeId());
    return in;
  }
  template <class Request>
  Result<Order> Do(rpc::Peer& as, const std::string& method, const Order& order, Request in = {}) {
    in.set_name(order.name());
    in.set_request_id(testing::SomeId());
    return Ask<Order>(as, method, in);
  }
  Result<Order> Dispatch(const Order& order, const std::string& note = "") {
    pb::DispatchWorkOrderRequest in;
    in.set_desk(desk);
    in.set_note(note);
    return Do(*clerk, "DispatchWorkOrder", order, in);
  }
  std::string Sql(const std::string& statement) {
    pqxx::connection connection(db_.admin_url());
    return pqxx::work(connection).exec(statement)[0][0].as<std::string>();
  }
  pb::CompleteWorkOrderRequest Done() {
    pb::CompleteWorkOrderRequest in;
    in.set_result("端口故障已修复");
    auto& steps = *in.mutable_seven_steps();
    for (int i = 1; i <= 7; ++i) {
      steps.GetReflection()->SetBool(&steps, steps.GetDescriptor()->FindFieldByNumber(i), true);
    }
    return in;
  }

 private:
  testing::Database access_db_{"access"};
  testing::Database db_{"workorder"};

 public:
  testing::ServiceProcess access;
  testing::ServiceProcess service;
  std::unique_ptr<rpc::Peer> clerk, plain, handler, revisitor;
  std::string desk;

 private:
  std::string Token(const std::string& login) {
    rpc::Peer nobody(access.target(), {}, nullptr);
    access::LoginRequest in;
    in.set_tenant("platform");
    in.set_login(login);
    in.set_password(kPassword);
    return nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", in, 10s)
        .value()
        .access_token();
  }
  std::unique_ptr<rpc::Peer> LogIn(const std::string& login) {
    return std::make_unique<rpc::Peer>(service.target(), rpc::Tls{},
                                       [token = Token(login)](auto) -> Result<std::string> { return token; });
  }
  std::unique_ptr<rpc::Peer> Hire(const std::string& login, const std::vector<std::string>& roles) {
    rpc::Peer boss(access.target(), {},
                   [token = Token("admin")](auto) -> Result<std::string> { return token; });
    access::CreateUserRequest in;
    in.mutable_user()->set_login(login);
    for (const auto& role : roles) in.mutable_user()->add_roles(role);
    in.set_password(kPassword);
    in.set_permanent_password(true);
    boss.Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", in, 10s).value();
    return LogIn(login);
  }
  std::unique_ptr<rpc::Peer> admin_;
};

Centre& TheCentre() {
  static Centre centre;
  return centre;
}

TEST_CASE("a complaint goes through four people's hands, and its events tell the loop",
          "[workorder][service]") {
  auto& on = TheCentre();
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<kafka::Envelope> seen;
  const std::string listener = "listener-" + testing::SomeId();
  kafka::Consumer consumer(Brokers(), listener, listener, {"carillon.workorder.orders.v1"},
                           [&](const kafka::Envelope& event) -> Result<void> {
                             const std::lock_guard lock(mutex);
                             seen.push_back(event);
                             arrived.notify_all();
                             return Ok();
                           });
  auto order = on.Ask<Order>(*on.clerk, "CreateWorkOrder", on.Wish(Order::COMPLAINT)).value();
  CHECK(order.state() == Order::ACCEPTED);
  CHECK(order.client().starts_with("clients/"));
  order = on.Dispatch(order).value();
  order = on.Do(*on.handler, "AcceptWorkOrder", order, pb::AcceptWorkOrderRequest{}).value();
  auto unticked = on.Done();
  unticked.mutable_seven_steps()->set_alternatives(false);
  CHECK(on.Do(*on.handler, "CompleteWorkOrder", order, unticked).error().reason == "SEVEN_STEPS_OPEN");
  order = on.Do(*on.handler, "CompleteWorkOrder", order, on.Done()).value();
  CHECK(order.state() == Order::REVISIT_PENDING);
  pb::RecordRevisitRequest yes;
  yes.set_reached(true);
  yes.set_satisfaction(pb::Revisit::SATISFIED);
  yes.set_solved(pb::Revisit::YES);
  CHECK(on.Do(*on.handler, "RecordRevisit", order, yes).error().code == Code::kPermissionDenied);
  order = on.Do(*on.revisitor, "RecordRevisit", order, yes).value();
  CHECK(order.state() == Order::CLOSED);
  CHECK(order.tmf_state() == "closed");
  CHECK_FALSE(order.overdue());

  const auto id = order.name().substr(11);
  const auto mine = [&] {
    std::vector<std::string> types;
    for (const auto& event : seen) {
      if (event.key == id) types.push_back(event.type.substr(event.type.rfind('.') + 1));
    }
    return types;
  };
  std::unique_lock lock(mutex);
  REQUIRE(arrived.wait_for(lock, 40s, [&] { return mine().size() >= 5; }));
  CHECK(mine() == std::vector<std::string>{"WorkOrderCreated", "WorkOrderDispatched", "WorkOrderAccepted",
                                           "WorkOrderCompleted", "WorkOrderClosed"});
  for (const auto& event : seen) {
    if (event.key != id) continue;
    CHECK(event.payload.find("13800137712") == std::string::npos);
    CHECK(event.payload.find("黄志强") == std::string::npos);
    if (event.type != "carillon.workorder.v1.WorkOrderClosed") continue;
    pb::WorkOrderClosed closed;
    REQUIRE(closed.ParseFromString(event.payload));
    CHECK(closed.work_order().etag() == order.etag());
  }
}

TEST_CASE("the rules of the contract hold at the door", "[workorder][service]") {
  auto& on = TheCentre();
  auto wish = on.Wish(Order::COMPLAINT);
  wish.mutable_work_order()->clear_contact_number();
  CHECK(on.Ask<Order>(*on.plain, "CreateWorkOrder", wish).error().reason == "CONTACT_NUMBER_REQUIRED");
  wish = on.Wish(Order::TYPE_UNSPECIFIED);
  wish.mutable_work_order()->set_contact_number("138");
  const auto refused = on.Ask<Order>(*on.plain, "CreateWorkOrder", wish);
  REQUIRE_FALSE(refused);
  std::set<std::string> fields;
  for (const auto& violation : refused.error().violations) fields.insert(violation.field);
  CHECK(fields == std::set<std::string>{"work_order.contact_number", "work_order.type"});
  const auto order = on.Ask<Order>(*on.plain, "CreateWorkOrder", on.Wish(Order::FAULT)).value();
  pb::DispatchWorkOrderRequest dispatch;
  dispatch.set_desk(on.desk);
  CHECK(on.Do(*on.plain, "DispatchWorkOrder", order, dispatch).error().code == Code::kPermissionDenied);
  // Who does not handle orders sees the contact masked.
  pb::GetWorkOrderRequest get;
  get.set_name(order.name());
  CHECK(on.Ask<Order>(*on.plain, "GetWorkOrder", get)->contact_number().find("****") != std::string::npos);
  CHECK(on.Ask<Order>(*on.handler, "GetWorkOrder", get)->contact_number() == "+8613800137712");
  CHECK(on.Ask<Order>(*on.handler, "GetWorkOrder", get)->contact_name() == "黄志强");
}

TEST_CASE("an order that was acknowledged survives kill -9, and a repeat of its request makes no other",
          "[workorder][service]") {
  auto& on = TheCentre();
  const auto wish = on.Wish(Order::FAULT);
  const auto order = on.Ask<Order>(*on.clerk, "CreateWorkOrder", wish).value();
  on.service.CrashAndRestart();
  CHECK(on.Ask<Order>(*on.clerk, "CreateWorkOrder", wish)->name() == order.name());
  pb::ListHistoryRequest in;
  in.set_parent(order.name());
  CHECK(on.Ask<pb::ListHistoryResponse>(*on.clerk, "ListHistory", in)->entries_size() == 1);
  pb::SearchWorkOrdersRequest search;
  search.set_query(order.number());
  CHECK(on.Ask<pb::SearchWorkOrdersResponse>(*on.clerk, "SearchWorkOrders", search)->work_orders_size() == 1);
}

TEST_CASE("who was erased by the customer master is erased from every order, once and for good",
          "[workorder][service]") {
  auto& on = TheCentre();
  const std::string customer = "customers/" + testing::SomeId();
  std::vector<Order> orders;
  for (const auto type : {Order::COMPLAINT, Order::FAULT}) {
    auto wish = on.Wish(type);
    wish.mutable_work_order()->set_customer(customer);
    wish.mutable_work_order()->set_description("黄志强家的宽带断了");
    wish.mutable_work_order()->mutable_service_address()->set_detail("体育西路191号1203房");
    orders.push_back(
        on.Dispatch(on.Ask<Order>(*on.clerk, "CreateWorkOrder", wish).value(), "黄志强下午在家").value());
  }
  const std::string lines =
      "SELECT string_agg(h.note, '|') FROM work_order_history h JOIN work_orders o USING "
      "(tenant_id, work_order_id) WHERE o.customer_id = '" +
      customer.substr(10) + "'";
  CHECK(on.Sql(lines).find("黄志强") != std::string::npos);
  const auto other = on.Ask<Order>(*on.clerk, "CreateWorkOrder", on.Wish(Order::FAULT)).value();
  kafka::Producer producer(Brokers());
  carillon::customer::v1::CustomerErased erased;
  erased.mutable_customer()->set_name(customer);
  kafka::Envelope event;
  event.topic = "carillon.customer.customers.v1";
  event.key = customer.substr(10);
  event.event_id = testing::SomeId();
  event.type = erased.GetDescriptor()->full_name();
  event.source = "/carillon/customer";
  event.tenant = on.Sql("SELECT tenant_id FROM work_orders LIMIT 1");
  event.traceparent = obs::NewTraceparent();
  event.time = RealNow();
  event.payload = erased.SerializeAsString();
  REQUIRE(producer.Send({event, event}));
  const std::string about = "WHERE customer_id = '" + customer.substr(10) + "'";
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (on.Sql("SELECT count(*) FROM work_orders " + about + " AND body ? 'contact_number'") != "0" &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(50ms);
  CHECK(on.Sql("SELECT count(*) FROM work_orders o " + about +
               " AND (o::text LIKE '%13800137712%' OR o::text LIKE '%黄志强%' OR o::text LIKE '%1203%')") ==
        "0");
  CHECK(on.Sql(lines).find_first_not_of('|') == std::string::npos);
  CHECK(std::stoi(on.Sql("SELECT count(*) FROM work_order_history h JOIN work_orders o USING (tenant_id, "
                         "work_order_id) WHERE h.action <> '' AND h.actor <> '' AND o.customer_id = '" +
                         customer.substr(10) + "'")) >= 4);
  pb::GetWorkOrderRequest get;
  get.set_name(other.name());
  CHECK(on.Ask<Order>(*on.handler, "GetWorkOrder", get)->contact_number() == "+8613800137712");
  for (const auto& order : orders) {  // what is open goes on, as far as it can
    get.set_name(order.name());
    const auto now = on.Ask<Order>(*on.handler, "GetWorkOrder", get).value();
    CHECK(now.etag() == std::to_string(std::stoll(order.etag()) + 1));
    CHECK(on.Do<pb::AcceptWorkOrderRequest>(*on.handler, "AcceptWorkOrder", now)->state() ==
          Order::IN_PROGRESS);
  }
}

TEST_CASE("a desk sees what is sent to it without asking", "[workorder][service]") {
  auto& on = TheCentre();
  std::mutex mutex;
  std::condition_variable changed;
  bool complete = false;
  std::map<std::string, Order::State> list;
  pb::WatchDeskRequest in;
  in.set_name(on.desk);
  const auto watching = on.handler->Watch<pb::WatchDeskResponse>(
      AnyCall(), std::string(kOrders) + "WatchDesk", in,
      [&](const pb::WatchDeskResponse& change) {
        const std::lock_guard lock(mutex);
        if (change.has_work_order()) list[change.work_order().name()] = change.work_order().state();
        if (!change.removed().empty()) list.erase(change.removed());
        complete = complete || change.complete();
        changed.notify_all();
      },
      [](const std::optional<Error>&) {});
  const auto until = [&](auto what) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 20s, what);
  };
  REQUIRE(until([&] { return complete; }));
  const auto order =
      on.Dispatch(on.Ask<Order>(*on.clerk, "CreateWorkOrder", on.Wish(Order::FAULT)).value()).value();
  CHECK(until([&] { return list.contains(order.name()) && list[order.name()] == Order::DISPATCHED; }));
  REQUIRE(on.Do(*on.handler, "AcceptWorkOrder", order, pb::AcceptWorkOrderRequest{}));
  CHECK(until([&] { return list[order.name()] == Order::IN_PROGRESS; }));
}

}  // namespace
}  // namespace carillon::workorder
