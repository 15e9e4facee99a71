#include <google/protobuf/empty.pb.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/ivr/v1/announcement_service.pb.h"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "carillon/ivr/v1/session_service.pb.h"
#include "carillon/routing/v1/interaction_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "obs/log.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

namespace carillon::ivr {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::ivr::v1;
namespace access = carillon::access::v1;
namespace customer = carillon::customer::v1;
namespace routing = carillon::routing::v1;

constexpr const char* kAccess = "carillon.access.v1.AccessService/";
constexpr const char* kCustomers = "carillon.customer.v1.CustomerService/";
constexpr const char* kSessions = "carillon.ivr.v1.SessionService/";
constexpr const char* kFlows = "carillon.ivr.v1.FlowService/";
constexpr const char* kSecret = "a secret of these tests only";
constexpr const char* kPassword = "lantern-copper-7431-orbit";
constexpr const char* kOwnLine = "+862038881234";
// Not offered a call back, however many wait.
constexpr const char* kWithheld = "";
constexpr const char* kOtherLine = "+862038885678";

Call AnyCall(const std::string& tenant = "") {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + 20s;
  call.traceparent = obs::NewTraceparent();
  call.principal.tenant = tenant;
  return call;
}

std::string TextOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string FlowText(const std::string& name) {
  return TextOf(std::string(CARILLON_FLOWS) + "/" + name + ".scxml");
}

/// The tests shipped with a flow.
std::string FlowTests(const std::string& name) {
  return TextOf(std::string(CARILLON_FLOWS) + "/" + name + ".flowtest");
}

/// A folder for what the carriers of these tests are given; they are programs like an operator's own.
class Carriers {
 public:
  Carriers() {
    std::filesystem::create_directories(folder);
    // The first try of each message finds the carrier busy; 0000 at the end of a number is refused.
    std::ofstream(folder / "carrier") << "mkdir -p " << folder.string() << "/$1 && cd " << folder.string()
                                      << "/$1\n[ -e tried ] || { touch tried; exit 75; }\n"
                                      << "case $2 in *0000) echo 'no such subscriber' >&2; exit 1;; esac\n"
                                      << "cat >text && echo $2 >number\n";
  }
  ~Carriers() { std::filesystem::remove_all(folder); }
  std::string Command() const { return "/bin/sh " + (folder / "carrier").string() + " {id} {number}"; }

  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("ivr-" + testing::SomeId());
};

std::string Said(const pb::SessionStep& step) {
  std::string all;
  for (const auto* prompts :
       {&step.play().prompts(), &step.collect().prompts(), &step.queued().texts(), &step.hang_up().texts()}) {
    for (const auto& prompt : *prompts) all += prompt.text() + "\n";
  }
  return all;
}

/// access, customer, routing and ivr as real processes, with the shipped flows loaded as an operator would.
class Platform {
 public:
  Platform()
      : access("access", access_db_,
               {{"BOOTSTRAP_PASSWORD", kPassword},
                {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                {"SERVICES_SECRETS", std::string("telephony=") + kSecret + ",ivr=" + kSecret + ",routing=" +
                                         kSecret + ",customer=" + kSecret + ",workorder=" + kSecret}}),
        customers("customer", customer_db_,
                  {{"PEERS", "access=" + access.target()},
                   {"AUTH_SECRET", kSecret},
                   {"REDIS_URL", testing::ServerSetting("CARILLON_TEST_REDIS_URL")},
                   {"VAULT_KEYS", "t1:0123456789abcdef0123456789abcdef"}}),
        queues("routing", routing_db_,
               {{"PEERS",
                 "access=" + access.target() + ",telephony=127.0.0.1:" + std::to_string(testing::FreePort())},
                {"AUTH_SECRET", kSecret}}),
        orders("workorder", workorder_db_,
               {{"PEERS", "access=" + access.target()}, {"AUTH_SECRET", kSecret}}),
        ivr("ivr", db,
            {{"PEERS", "access=" + access.target() + ",customer=" + customers.target() +
                           ",routing=" + queues.target() + ",workorder=" + orders.target()},
             {"AUTH_SECRET", kSecret},
             {"SMS_COMMAND", carriers.Command()},
             {"FAX_COMMAND", carriers.Command()},
             {"WORKORDER_TIMEOUT_MS", "10000"}}) {
    rpc::Peer nobody(access.target(), {}, nullptr);
    admin_token_ = Login(nobody, "admin");
    const auto as_admin = [this](auto) -> Result<std::string> { return admin_token_; };
    rpc::Peer admin(access.target(), {}, as_admin);
    access::CreateUserRequest user;
    user.mutable_user()->set_login("approver");
    user.mutable_user()->add_roles("IVR_EDITOR");
    user.mutable_user()->set_all_clients(true);
    user.set_password(kPassword);
    user.set_permanent_password(true);
    admin.Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", user, 10s).value();
    approver_token_ = Login(nobody, "approver");
    access::IssueServiceTokenRequest issue;
    issue.set_service("telephony");
    issue.set_secret(kSecret);
    telephony_token_ =
        nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "IssueServiceToken", issue, 10s)
            .value()
            .access_token();
    tenant = admin
                 .Ask<access::ListTenantsResponse>(AnyCall(), std::string(kAccess) + "ListTenants",
                                                   access::ListTenantsRequest(), 10s)
                 .value()
                 .tenants(0)
                 .name()
                 .substr(8);
    client = admin
                 .Ask<access::ListClientsResponse>(AnyCall(), std::string(kAccess) + "ListClients",
                                                   access::ListClientsRequest(), 10s)
                 .value()
                 .clients(0)
                 .name();
    editor = std::make_unique<rpc::Peer>(ivr.target(), rpc::Tls{}, as_admin);
    approver = std::make_unique<rpc::Peer>(ivr.target(), rpc::Tls{},
                                           [this](auto) -> Result<std::string> { return approver_token_; });
    telephony = std::make_unique<rpc::Peer>(ivr.target(), rpc::Tls{},
                                            [this](auto) -> Result<std::string> { return telephony_token_; });
    rules = std::make_unique<rpc::Peer>(queues.target(), rpc::Tls{}, as_admin);
    records = std::make_unique<rpc::Peer>(customers.target(), rpc::Tls{}, as_admin);
    Furnish();
  }

  Result<pb::SessionStep> Start(const std::string& call, const std::string& from,
                                const std::string& to = "10000") {
    pb::StartSessionRequest request;
    request.set_call(call);
    request.set_calling_number(from);
    request.set_called_number(to);
    request.set_request_id(testing::SomeId());
    return telephony->Ask<pb::SessionStep>(AnyCall(tenant), std::string(kSessions) + "StartSession", request,
                                           15s);
  }
  /// A shipped flow with its tests.
  void Publish(const std::string& name, const std::string& on) {
    Publish(name, FlowText(name), FlowTests(name), on);
  }
  /// Makes a flow, has it published by another, and gives it a number unless it is "".
  void Publish(const std::string& name, const std::string& document, const std::string& tests,
               const std::string& on) {
    pb::CreateFlowRequest create;
    create.mutable_flow()->set_code(name);
    create.mutable_flow()->set_document(document);
    create.mutable_flow()->set_tests(tests);
    const auto made =
        editor->Ask<pb::Flow>(AnyCall(), std::string(kFlows) + "CreateFlow", create, 15s).value();
    CHECK(made.state() == pb::Flow::TESTED);
    pb::PublishFlowRequest publish;
    publish.set_name(made.name());
    approver->Ask<pb::Flow>(AnyCall(), std::string(kFlows) + "PublishFlow", publish, 15s).value();
    if (on.empty()) return;
    pb::SetServiceNumberRequest set;
    set.mutable_service_number()->set_number(on);
    set.mutable_service_number()->set_flow(made.name());
    set.mutable_service_number()->set_client(client);
    set.mutable_service_number()->set_default_queue("queues/general");
    set.mutable_service_number()->add_menus()->set_menu("default");
    editor->Ask<pb::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", set, 15s).value();
  }
  Result<pb::SessionStep> Keys(const pb::SessionStep& step, const std::string& digits,
                               std::chrono::milliseconds patience = 15s) {
    pb::SendInputRequest request;
    request.set_session(step.session());
    request.set_sequence(step.version());
    if (digits.empty()) {
      request.set_timed_out(true);
    } else {
      request.set_digits(digits);
    }
    return telephony->Ask<pb::SessionStep>(AnyCall(tenant), std::string(kSessions) + "SendInput", request,
                                           patience);
  }
  Result<pb::Session> End(const std::string& call) {
    pb::EndSessionRequest request;
    request.set_call(call);
    request.set_cause("CUSTOMER_HUNG_UP");
    return telephony->Ask<pb::Session>(AnyCall(tenant), std::string(kSessions) + "EndSession", request, 15s);
  }
  Result<pb::Session> Get(const std::string& name) {
    pb::GetSessionRequest request;
    request.set_name(name);
    return telephony->Ask<pb::Session>(AnyCall(tenant), std::string(kSessions) + "GetSession", request, 15s);
  }
  std::string Look(const std::string& sql) {
    pqxx::connection connection(db.admin_url());
    return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
  }

  Carriers carriers;
  testing::Database access_db_{"access"}, customer_db_{"customer"}, routing_db_{"routing"},
      workorder_db_{"workorder"};
  testing::Database db{"ivr"};
  testing::ServiceProcess access, customers, queues, orders, ivr;
  std::unique_ptr<rpc::Peer> editor, approver, telephony, rules, records;
  std::string tenant, client, flow;

 private:
  static std::string Login(rpc::Peer& peer, const std::string& login) {
    access::LoginRequest request;
    request.set_tenant("platform");
    request.set_login(login);
    request.set_password(kPassword);
    return peer.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", request, 15s)
        .value()
        .access_token();
  }

  void AddCustomer(const std::string& name, const std::string& number, customer::Customer::Grade grade,
                   std::int64_t yuan, const std::string& password) {
    customer::CreateCustomerRequest request;
    auto& wanted = *request.mutable_customer();
    wanted.mutable_person()->set_full_name(name);
    wanted.set_grade(grade);
    auto& medium = *wanted.add_contacts();
    medium.set_type(customer::ContactMedium::HOME_PHONE);
    medium.set_number(number);
    medium.set_own_line(true);
    auto& account = *wanted.add_accounts();
    account.set_number(number.substr(1));
    account.set_type("FIXED_LINE");
    account.mutable_balance()->set_currency_code("CNY");
    account.mutable_balance()->set_units(yuan);
    account.mutable_balance()->set_nanos(300'000'000);
    request.set_request_id(testing::SomeId());
    const auto made =
        records->Ask<customer::Customer>(AnyCall(), std::string(kCustomers) + "CreateCustomer", request, 15s)
            .value();
    if (password.empty()) return;
    customer::SetServicePasswordRequest set;
    set.set_name(made.name());
    set.set_password(password);
    records
        ->Ask<customer::SetServicePasswordResponse>(AnyCall(), std::string(kCustomers) + "SetServicePassword",
                                                    set, 15s)
        .value();
  }

  void Furnish() {
    for (const char* code : {"general", "fault", "vip"}) {
      routing::CreateQueueRequest queue;
      queue.mutable_queue()->set_code(code);
      queue.mutable_queue()->set_client(client);
      rules->Ask<routing::Queue>(AnyCall(), "carillon.routing.v1.QueueService/CreateQueue", queue, 15s)
          .value();
    }
    AddCustomer("王建国", kOwnLine, customer::Customer::STANDARD, 56, "");
    AddCustomer("李秀英", kOtherLine, customer::Customer::STANDARD, 12, "246810");
    AddCustomer("周丽华", "+8613900000001", customer::Customer::DIAMOND, 1, "");
    pb::CreateFlowRequest create;
    create.mutable_flow()->set_code("10000");
    create.mutable_flow()->set_document(FlowText("10000"));
    create.mutable_flow()->set_tests(FlowTests("10000"));
    flow = editor->Ask<pb::Flow>(AnyCall(), std::string(kFlows) + "CreateFlow", create, 15s).value().name();
    pb::PublishFlowRequest publish;
    publish.set_name(flow);
    approver->Ask<pb::Flow>(AnyCall(), std::string(kFlows) + "PublishFlow", publish, 15s).value();
    pb::SetServiceNumberRequest set;
    auto& number = *set.mutable_service_number();
    number.set_number("10000");
    number.set_flow(flow);
    number.set_client(client);
    number.set_default_queue("queues/general");
    (*number.mutable_queues())["fault"] = "queues/fault";
    (*number.mutable_queues())["vip"] = "queues/vip";
    auto& vip = *number.add_menus();
    vip.set_menu("vip");
    vip.mutable_selector()->set_grade("DIAMOND");
    number.add_menus()->set_menu("default");
    editor->Ask<pb::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", set, 15s).value();
  }
  std::string admin_token_, approver_token_, telephony_token_;
};

Platform& ThePlatform() {
  static Platform platform;
  return platform;
}

/// Whether what durable work leaves behind comes within twenty seconds.
template <class Condition>
bool Eventually(const Condition& holds) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

std::string NewCall() { return "calls/" + testing::SomeId(); }

TEST_CASE("A1: the owner of the line hears the balance, though ivr is killed at every step",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  auto step = platform.Start(call, kOwnLine).value();
  CHECK(step.version() == 1);
  REQUIRE(step.has_collect());
  CHECK(Said(step).find("欢迎您使用10000") != std::string::npos);
  platform.ivr.CrashAndRestart();
  CHECK(platform.Start(call, kOwnLine).value().SerializeAsString() == step.SerializeAsString());

  const auto main_menu = step;
  step = platform.Keys(step, "1").value();
  CHECK(step.version() == 2);
  platform.ivr.CrashAndRestart();
  const auto told = platform.Keys(step, "4").value();
  INFO(Said(told));
  CHECK(Said(told).find("56.30元") != std::string::npos);
  // The answer is durable before it is given: a repeat after a crash gets the same, and moves nobody.
  platform.ivr.CrashAndRestart();
  CHECK(platform.Keys(step, "4").value().SerializeAsString() == told.SerializeAsString());
  CHECK(platform.Keys(main_menu, "1").error().reason == "SEQUENCE_STALE");

  const auto ended = platform.End(call).value();
  CHECK(ended.result() == pb::Session::SELF_SERVED);
  CHECK(ended.identity_level() == pb::Session::OWN_LINE);
  CHECK(platform.End(call).value().result() == pb::Session::SELF_SERVED);
  CHECK(platform.Keys(told, "9").value().SerializeAsString() == told.SerializeAsString());
}

TEST_CASE("A1: another line's password is asked, checked, and nowhere in the database", "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  auto step = platform.Start(call, kOwnLine).value();
  for (const char* keys : {"1", "7", "02038885678"}) step = platform.Keys(step, keys).value();
  REQUIRE(step.collect().secret());
  step = platform.Keys(step, "135791").value();
  CHECK(Said(step).find("密码有误") != std::string::npos);
  platform.ivr.CrashAndRestart();
  step = platform.Keys(step, "246810").value();
  INFO(Said(step));
  CHECK(Said(step).find("12.30元") != std::string::npos);
  for (const char* secret : {"135791", "246810"}) {
    for (const char* table : {"sessions", "session_path", "outbox", "request_replays", "tasks"}) {
      INFO(table);
      CHECK(platform.Look(std::string("SELECT count(*) FROM ") + table + " t WHERE t::text LIKE '%" + secret +
                          "%' OR t::text LIKE '%' || encode('" + secret + "', 'hex') || '%'") == "0");
    }
  }
  CHECK(platform.Look("SELECT count(*) FROM session_path WHERE input = '******'") != "0");
}

TEST_CASE("A2: a diamond customer is in the VIP queue with the first step", "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto step = platform.Start(NewCall(), "+8613900000001").value();
  REQUIRE(step.has_queued());
  CHECK(Said(step).find("尊敬的贵宾客户") != std::string::npos);
  routing::GetInteractionRequest request;
  request.set_name(step.queued().interaction());
  const auto interaction =
      platform.rules
          ->Ask<routing::Interaction>(AnyCall(), "carillon.routing.v1.InteractionService/GetInteraction",
                                      request, 15s)
          .value();
  CHECK(interaction.grade() == "DIAMOND");
  CHECK(interaction.state() == routing::Interaction::QUEUED);
}

TEST_CASE("what the caller chose goes to the agent", "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  auto step = platform.Start(call, kWithheld).value();
  step = platform.Keys(step, "4").value();
  REQUIRE(step.has_queued());
  routing::GetInteractionRequest request;
  request.set_name(step.queued().interaction());
  const auto interaction =
      platform.rules
          ->Ask<routing::Interaction>(AnyCall(), "carillon.routing.v1.InteractionService/GetInteraction",
                                      request, 15s)
          .value();
  CHECK(interaction.reason() == "fault");
  REQUIRE(interaction.menu_path_size() == 1);
  CHECK(interaction.menu_path(0) == "main/4");
  CHECK(interaction.call() == call);
  const auto session = platform.Get(step.session()).value();
  CHECK(session.result() == pb::Session::TO_AGENT);
  CHECK(session.interaction() == interaction.name());
  CHECK(platform.End(call).value().result() == pb::Session::TO_AGENT);
}

TEST_CASE("one key reported eight times at once moves the caller once, to one interaction",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  const auto step = platform.Start(call, kWithheld).value();
  std::vector<std::thread> threads;
  std::vector<std::string> answers(8);
  for (auto& answer : answers) {
    threads.emplace_back([&] {
      const auto next = platform.Keys(step, "4");
      answer = next ? next->SerializeAsString() : next.error().reason;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(std::set<std::string>(answers.begin(), answers.end()).size() == 1);
  routing::ListInteractionsRequest request;
  request.set_call(call);
  CHECK(platform.rules
            ->Ask<routing::ListInteractionsResponse>(
                AnyCall(), "carillon.routing.v1.InteractionService/ListInteractions", request, 15s)
            .value()
            .interactions_size() == 1);
  CHECK(platform.Look("SELECT count(*) FROM session_path WHERE node = 'main' AND session_id = '" +
                      step.session().substr(9) + "'") == "1");
}

TEST_CASE("A6: with the customer records down the caller gets a menu, and an agent who knows the need",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  auto step = platform.Start(call, kOwnLine).value();
  step = platform.Keys(step, "1").value();
  platform.customers.process().Kill(SIGSTOP);
  step = platform.Keys(step, "4").value();
  CHECK(Said(step).find("非常抱歉") != std::string::npos);
  REQUIRE(step.has_queued());
  routing::GetInteractionRequest request;
  request.set_name(step.queued().interaction());
  CHECK(platform.rules
            ->Ask<routing::Interaction>(AnyCall(), "carillon.routing.v1.InteractionService/GetInteraction",
                                        request, 15s)
            .value()
            .reason() == "bill.balance");
  const auto menu = platform.Start(NewCall(), kOwnLine).value();
  CHECK(menu.has_collect());
  platform.customers.process().Kill(SIGCONT);
}

TEST_CASE("while routing is down the caller keeps the place in the flow, and is handed over when it is back",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto step = platform.Start(NewCall(), kWithheld).value();
  platform.queues.process().Kill(SIGSTOP);
  // The peer asks again as long as it may; of a last try that it cuts off nobody hears the reason.
  CHECK(Eventually([&] {
    const auto waits = platform.Keys(step, "0", 4s);
    REQUIRE_FALSE(waits);
    return waits.error().reason == "ROUTING_UNAVAILABLE";
  }));
  platform.queues.process().Kill(SIGCONT);
  CHECK(platform.Get(step.session()).value().version() == step.version());
  CHECK(platform.Keys(step, "0").value().has_queued());
}

TEST_CASE("a queue that does not exist is not the caller's end of the line", "[ivr][service]") {
  auto& platform = ThePlatform();
  pb::SetServiceNumberRequest set;
  auto& number = *set.mutable_service_number();
  number.set_number("10086");
  number.set_flow(platform.flow);
  number.set_default_queue("queues/general");
  (*number.mutable_queues())["fault"] = "queues/demolished";
  number.add_menus()->set_menu("default");
  REQUIRE(
      platform.editor->Ask<pb::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", set, 15s));
  const auto step = platform.Start(NewCall(), kWithheld, "10086").value();
  const auto queued = platform.Keys(step, "4").value();
  INFO(Said(queued));
  CHECK(queued.has_queued());
}

TEST_CASE("A7: a flow is published by another than its author, unless it would trap a caller",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto ask = [&](rpc::Peer& as, const std::string& method, const google::protobuf::Message& request) {
    return as.Ask<pb::Flow>(AnyCall(), kFlows + method, request, 15s);
  };
  pb::CreateFlowRequest create;
  create.mutable_flow()->set_code("trial");
  create.mutable_flow()->set_document(
      "<scxml version='1.0' datamodel='ecmascript'><state id='trap'/></scxml>");
  create.set_request_id(testing::SomeId());
  const auto flow = ask(*platform.editor, "CreateFlow", create).value();
  CHECK(flow.state() == pb::Flow::DRAFT);
  const auto test = [&](const std::string& tests) {
    pb::TestFlowRequest request;
    request.set_name(flow.name());
    request.set_tests(tests);
    return platform.editor
        ->Ask<pb::TestFlowResponse>(AnyCall(), std::string(kFlows) + "TestFlow", request, 15s)
        .value()
        .flow();
  };
  CHECK(ask(*platform.editor, "CreateFlow", create).value().name() == flow.name());
  create.set_request_id(testing::SomeId());
  CHECK(ask(*platform.editor, "CreateFlow", create).error().reason == "FLOW_EXISTS");
  pb::PublishFlowRequest publish;
  publish.set_name(flow.name());
  CHECK(ask(*platform.approver, "PublishFlow", publish).error().reason == "FLOW_HAS_FINDINGS");
  pb::UpdateFlowRequest update;
  update.mutable_flow()->set_name(flow.name());
  update.mutable_flow()->set_document("<scxml");
  CHECK(ask(*platform.editor, "UpdateFlow", update).error().reason == "FLOW_MALFORMED");
  update.mutable_flow()->set_document(FlowText("bank"));
  update.mutable_flow()->set_etag("99");
  CHECK(ask(*platform.editor, "UpdateFlow", update).error().reason == "ETAG_MISMATCH");
  update.mutable_flow()->set_etag(flow.etag());
  CHECK(ask(*platform.editor, "UpdateFlow", update).value().version() == 1);
  CHECK(ask(*platform.editor, "PublishFlow", publish).error().reason == "FLOW_SELF_APPROVED");
  CHECK(ask(*platform.approver, "PublishFlow", publish).error().reason == "FLOW_NOT_TESTED");
  CHECK(test(FlowTests("bank")).state() == pb::Flow::TESTED);
  CHECK(ask(*platform.approver, "PublishFlow", publish).value().state() == pb::Flow::PUBLISHED);
  CHECK(ask(*platform.approver, "PublishFlow", publish).error().reason == "FLOW_NOT_DRAFT");
  update.mutable_flow()->clear_etag();
  CHECK(ask(*platform.editor, "UpdateFlow", update).value().version() == 2);
  CHECK(ask(*platform.approver, "PublishFlow", publish).error().reason == "FLOW_NOT_TESTED");
  CHECK(test("").state() == pb::Flow::TESTED);  // by the tests of the version before
  CHECK(ask(*platform.approver, "PublishFlow", publish).value().published_version() == 2);
  pb::RollBackFlowRequest back;
  back.set_name(flow.name());
  back.set_version(1);
  CHECK(ask(*platform.approver, "RollBackFlow", back).value().published_version() == 1);
  pb::SetServiceNumberRequest set;
  set.mutable_service_number()->set_number("95598");
  set.mutable_service_number()->set_flow(flow.name());
  set.mutable_service_number()->set_default_queue("queues/general");
  CHECK(platform.editor->Ask<pb::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", set, 15s)
            .error()
            .reason == "DEFAULT_MENU_MISSING");
  CHECK(platform.Start(NewCall(), kOwnLine, "4711").error().reason == "NUMBER_UNKNOWN");
}

TEST_CASE("a version is tested, meets a share of the callers, then all, and can be taken back",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto ask = [&](rpc::Peer& as, const std::string& method, const google::protobuf::Message& request) {
    return as.Ask<pb::Flow>(AnyCall(), kFlows + method, request, 15s);
  };
  const auto test = [&](const std::string& flow, const std::string& tests) {
    pb::TestFlowRequest request;
    request.set_name(flow);
    request.set_tests(tests);
    return platform.editor->Ask<pb::TestFlowResponse>(AnyCall(), std::string(kFlows) + "TestFlow", request,
                                                      15s);
  };
  pb::CreateFlowRequest create;
  create.mutable_flow()->set_code("share");
  create.mutable_flow()->set_document(FlowText("training"));
  const std::string flow = ask(*platform.editor, "CreateFlow", create).value().name();
  CHECK(test(flow, "nonsense").error().reason == "FLOW_TEST_MALFORMED");
  const auto failed = test(flow, "test buy\n keys 1\n queue partners").value();
  CHECK_FALSE(failed.results(0).passed());
  CHECK(failed.results(0).outcome() == "TO_AGENT sales");
  CHECK(failed.flow().state() == pb::Flow::DRAFT);
  pb::PublishFlowRequest publish;
  publish.set_name(flow);
  CHECK(ask(*platform.approver, "PublishFlow", publish).error().reason == "FLOW_NOT_TESTED");
  const auto passed = test(flow, "test buy\n keys 1\n queue sales").value();
  CHECK(passed.flow().state() == pb::Flow::TESTED);
  CHECK(passed.flow().has_test_time());
  CHECK(ask(*platform.editor, "PublishFlow", publish).error().reason == "FLOW_SELF_APPROVED");
  CHECK(ask(*platform.approver, "PublishFlow", publish).value().state() == pb::Flow::PUBLISHED);

  pb::SetServiceNumberRequest set;
  set.mutable_service_number()->set_number("4008");
  set.mutable_service_number()->set_flow(flow);
  set.mutable_service_number()->set_default_queue("queues/general");
  auto& gold = *set.mutable_service_number()->add_menus();
  gold.set_menu("vip");
  gold.mutable_selector()->set_grade("GOLD");
  set.mutable_service_number()->add_menus()->set_menu("default");
  const auto number =
      platform.editor->Ask<pb::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", set, 15s)
          .value();
  pb::ExplainMenuRequest explain;
  explain.set_service_number(number.name());
  explain.set_grade("GOLD");
  const auto choice =
      platform.editor->Ask<pb::MenuChoice>(AnyCall(), std::string(kFlows) + "ExplainMenu", explain, 15s)
          .value();
  CHECK(choice.menu() == "vip");
  CHECK(choice.reason() == "row 1 holds for grade GOLD and has most conditions");

  // A caller who is in the menu when another version comes stays in the one that began.
  const auto earlier = platform.Start(NewCall(), kWithheld, "4008").value();
  pb::UpdateFlowRequest update;
  std::string other = FlowText("training");
  other.replace(other.find("欢迎进入"), 12, "新版欢迎");
  update.mutable_flow()->set_name(flow);
  update.mutable_flow()->set_document(other);
  CHECK(ask(*platform.editor, "UpdateFlow", update).value().version() == 2);
  CHECK(test(flow, "").value().flow().state() == pb::Flow::TESTED);
  pb::RollOutFlowRequest share;
  share.set_name(flow);
  share.set_percent(50);
  CHECK(ask(*platform.editor, "RollOutFlow", share).error().reason == "FLOW_SELF_APPROVED");
  const auto rolling = ask(*platform.approver, "RollOutFlow", share).value();
  CHECK(rolling.published_version() == 1);
  CHECK(rolling.rollout().percent() == 50);
  int among = 0;
  for (int i = 0; i < 24; ++i) {
    const auto step = platform.Start(NewCall(), kWithheld, "4008").value();
    among += Said(step).find("新版欢迎") != std::string::npos ? 1 : 0;
  }
  CHECK(among > 2);
  CHECK(among < 22);
  share.set_percent(100);
  share.mutable_start_time()->set_seconds(4'000'000'000);
  CHECK(ask(*platform.approver, "RollOutFlow", share).value().rollout().percent() == 100);
  CHECK(Said(platform.Start(NewCall(), kWithheld, "4008").value()).find("新版") == std::string::npos);
  CHECK(ask(*platform.approver, "PublishFlow", publish).value().published_version() == 2);
  CHECK(Said(platform.Start(NewCall(), kWithheld, "4008").value()).find("新版") != std::string::npos);
  CHECK(platform.Get(earlier.session()).value().flow_version() == 1);
  CHECK(Said(platform.Keys(earlier, "").value()).find("没有收到您的按键") != std::string::npos);

  pb::CompareFlowRequest compare;
  compare.set_name(flow);
  compare.set_from_version(1);
  compare.set_to_version(2);
  const auto compared =
      platform.editor
          ->Ask<pb::CompareFlowResponse>(AnyCall(), std::string(kFlows) + "CompareFlow", compare, 15s)
          .value();
  REQUIRE(compared.lines_size() == 2);
  CHECK(compared.lines(1).find("新版欢迎") != std::string::npos);
  pb::RollBackFlowRequest back;
  back.set_name(flow);
  back.set_version(1);
  CHECK(ask(*platform.approver, "RollBackFlow", back).value().published_version() == 1);
  CHECK(Said(platform.Start(NewCall(), kWithheld, "4008").value()).find("新版") == std::string::npos);
}

TEST_CASE("A4: a water caller hears the district's notice, the month's use, and gets an order for a fault",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  pb::CreateFlowRequest create;
  create.mutable_flow()->set_code("water");
  create.mutable_flow()->set_document(FlowText("water"));
  create.mutable_flow()->set_tests(FlowTests("water"));
  const std::string flow =
      platform.editor->Ask<pb::Flow>(AnyCall(), std::string(kFlows) + "CreateFlow", create, 15s)
          .value()
          .name();
  pb::PublishFlowRequest publish;
  publish.set_name(flow);
  platform.approver->Ask<pb::Flow>(AnyCall(), std::string(kFlows) + "PublishFlow", publish, 15s).value();
  pb::SetServiceNumberRequest set;
  set.mutable_service_number()->set_number("96968");
  set.mutable_service_number()->set_flow(flow);
  set.mutable_service_number()->set_client(platform.client);
  set.mutable_service_number()->set_default_queue("queues/general");
  set.mutable_service_number()->add_menus()->set_menu("default");
  const auto number =
      platform.editor->Ask<pb::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", set, 15s)
          .value();

  pb::ImportRowsRequest import;
  import.set_table("water");
  for (const char* usage : {"13", "14"}) {  // of two rows with one key the later counts
    auto& row = *import.add_rows();
    row.set_table("water");
    row.set_key("0763118822");
    (*row.mutable_values())["usage"] = usage;
    (*row.mutable_values())["fee"] = "39.20";
  }
  const auto imported = platform.editor->Ask<pb::ImportRowsResponse>(
      AnyCall(), std::string(kFlows) + "ImportRows", import, 15s);
  CHECK(imported.value().rows() == 1);
  import.mutable_rows(0)->set_table("gas");
  CHECK(
      platform.editor->Ask<pb::ImportRowsResponse>(AnyCall(), std::string(kFlows) + "ImportRows", import, 15s)
          .error()
          .violations.at(0)
          .field == "rows[0].table");

  const auto notice = [&](rpc::Peer& as, const std::string& method,
                          const google::protobuf::Message& request) {
    return as.Ask<pb::Notice>(AnyCall(), kFlows + method, request, 15s);
  };
  pb::SetNoticeRequest say;
  say.mutable_notice()->set_service_number(number.name());
  (*say.mutable_notice()->mutable_texts())["zh-CN"] = "先锋东路今日停水。";
  say.mutable_notice()->mutable_start_time()->set_seconds(1);
  say.mutable_notice()->mutable_end_time()->set_seconds(4'000'000'000);
  const auto made = notice(*platform.editor, "SetNotice", say).value();
  CHECK(Said(platform.Start(NewCall(), kOwnLine, "96968").value()).find("停水。") == std::string::npos);
  pb::ApproveNoticeRequest approve;
  approve.set_name(made.name());
  CHECK(notice(*platform.editor, "ApproveNotice", approve).error().reason == "NOTICE_SELF_APPROVED");
  CHECK_FALSE(notice(*platform.approver, "ApproveNotice", approve).value().approver().empty());
  (*say.mutable_notice()->mutable_texts())["zh-CN"].append(std::string(300, 'x'));
  CHECK(notice(*platform.editor, "SetNotice", say).error().reason == "NOTICE_TOO_LONG");

  const auto call = NewCall();
  auto step = platform.Start(call, kOwnLine, "96968").value();
  CHECK(Said(step).find("先锋东路今日停水。") != std::string::npos);
  step = platform.Keys(step, "2").value();
  step = platform.Keys(step, "0763118822").value();
  CHECK(Said(step).find("本月用水14吨") != std::string::npos);
  step = platform.Keys(step, "9").value();
  step = platform.Keys(step, "4").value();
  INFO(Said(step));
  CHECK(Said(step).find("已为您登记，工单号") != std::string::npos);
  step = platform.Keys(step, "8").value();
  platform.ivr.CrashAndRestart();
  step = platform.Keys(step, "5").value();
  CHECK(step.has_hang_up());
  const auto session = platform.Get(step.session()).value();
  REQUIRE(session.answers_size() == 1);
  CHECK(session.answers(0).score() == 5);
  CHECK(session.result() == pb::Session::SELF_SERVED);
}

TEST_CASE("an announcement is spoken, approved by another, and heard where a flow names it",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  constexpr const char* kLibrary = "carillon.ivr.v1.AnnouncementService/";
  const auto set = [&](rpc::Peer& as, const pb::SetAnnouncementRequest& request) {
    return as.Ask<pb::Announcement>(AnyCall(), std::string(kLibrary) + "SetAnnouncement", request, 15s);
  };
  const auto speak = [&](const pb::SpeakRequest& request) {
    return platform.telephony->Ask<pb::Sound>(AnyCall(platform.tenant), std::string(kLibrary) + "Speak",
                                              request, 15s);
  };
  pb::SetAnnouncementRequest make;
  auto& entry = *make.mutable_announcement();
  entry.set_code("welcome");
  entry.set_language("zh-CN");
  entry.set_text("您好，春节快乐，欢迎您使用10000号。");
  const auto made = set(*platform.editor, make).value();
  CHECK(made.kind() == pb::Announcement::SPOKEN);
  CHECK(made.length().seconds() >= 2);
  CHECK(made.length().seconds() < 15);
  const auto step = [&] { return platform.Start(NewCall(), kOwnLine).value(); };
  CHECK(Said(step()).find("春节快乐") == std::string::npos);
  pb::ApproveAnnouncementRequest approve;
  approve.set_name(made.name());
  const auto by = [&](rpc::Peer& as) {
    return as.Ask<pb::Announcement>(AnyCall(), std::string(kLibrary) + "ApproveAnnouncement", approve, 15s);
  };
  CHECK(by(*platform.editor).error().reason == "ANNOUNCEMENT_SELF_APPROVED");
  CHECK_FALSE(by(*platform.approver).value().approver().empty());
  const auto heard = step();
  CHECK(Said(heard).find("春节快乐") != std::string::npos);
  CHECK(heard.collect().prompts(0).announcement() == made.name());

  // A real reader of WAV finds what was asked for, and reads the G.711 forms as the same sound.
  std::map<pb::Sound::Format, pb::Sound> sounds;
  for (const auto format : {pb::Sound::WAV, pb::Sound::A_LAW, pb::Sound::MU_LAW}) {
    pb::SpeakRequest request;
    request.set_announcement(made.name());
    request.set_format(format);
    sounds[format] = speak(request).value();
    std::ofstream(platform.carriers.folder / pb::Sound::Format_Name(format), std::ios::binary)
        << sounds[format].content();
  }
  CHECK(sounds[pb::Sound::A_LAW].content().size() * 2 + 44 == sounds[pb::Sound::WAV].content().size());
  const std::string check = R"py(
import audioop, os, sys, wave
os.chdir(sys.argv[1])
with wave.open("WAV") as sound:
    assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
    samples = sound.readframes(sound.getnframes())
assert len(samples) // 16 == int(sys.argv[2]), (len(samples) // 16, sys.argv[2])
assert audioop.rms(samples, 2) > 500, "it is silence"
assert audioop.lin2alaw(samples, 2) == open("A_LAW", "rb").read()
assert audioop.lin2ulaw(samples, 2) == open("MU_LAW", "rb").read()
every = b"".join(value.to_bytes(2, "little", signed=True) for value in range(-32768, 32768))
)py";
  std::ofstream(platform.carriers.folder / "check.py") << check;
  const auto& length = made.length();
  CHECK(std::system(("python3 -W ignore " + (platform.carriers.folder / "check.py").string() + " " +
                     platform.carriers.folder.string() + " " +
                     std::to_string(length.seconds() * 1000 + length.nanos() / 1'000'000))
                        .c_str()) == 0);

  // The announcer's recording takes its place, and has to be approved anew.
  entry.set_name(made.name());
  make.set_recording(sounds[pb::Sound::WAV].content());
  const auto recorded = set(*platform.editor, make).value();
  CHECK(recorded.kind() == pb::Announcement::RECORDED);
  CHECK(recorded.approver().empty());
  CHECK(recorded.sound() != made.sound());
  make.set_recording("MZ, and nothing that could be heard");
  CHECK(set(*platform.editor, make).error().reason == "RECORDING_MALFORMED");
  make.clear_recording();
  entry.set_purpose(pb::Announcement::ADVERT);
  entry.set_text(std::string(600, '8'));
  CHECK(set(*platform.editor, make).error().reason == "ANNOUNCEMENT_TOO_LONG");
  entry.set_text("bonjour");
  entry.set_language("xx");
  CHECK(set(*platform.editor, make).error().reason == "VOICE_UNKNOWN");

  // What was said once is not spoken again.
  pb::SpeakRequest text;
  text.set_text("当前余额为56.30元");
  const auto first = speak(text).value();
  CHECK(speak(text).value().SerializeAsString() == first.SerializeAsString());
  CHECK(platform.Look("SELECT count(*) FROM sounds WHERE sound = '" + first.sound() + "'") == "1");
  CHECK(platform.Look("SELECT count(*) FROM outbox o WHERE o::text LIKE '%56.30%'") == "0");
  text.set_voice("female");
  CHECK(speak(text).value().sound() != first.sound());
  text.set_announcement(made.name());
  CHECK(speak(text).error().reason == "FIELD_INVALID");
}

TEST_CASE("A5: a fax goes to the number keyed though ivr dies and the carrier is busy; a refusal is kept",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  platform.Publish("labour12333", "12333");
  auto step = platform.Start(NewCall(), kWithheld, "12333").value();
  step = platform.Keys(step, "5").value();
  const auto number_asked = step;
  step = platform.Keys(step, "07633366778").value();
  CHECK(Said(step).find("资料将很快传真给您") != std::string::npos);
  platform.ivr.CrashAndRestart();
  CHECK(platform.Keys(number_asked, "07633366778").value().SerializeAsString() == step.SerializeAsString());
  const std::string of_session = " FROM messages WHERE session_id = '" + step.session().substr(9) + "'";
  const auto ended = [&](const std::string& state) {
    return Eventually([&] { return platform.Look("SELECT min(state)" + of_session) == state; });
  };
  CHECK(ended("SENT"));
  CHECK(platform.Look("SELECT count(*)" + of_session) == "1");
  const auto folder = platform.carriers.folder / platform.Look("SELECT min(message_id::text)" + of_session);
  CHECK(TextOf(folder / "number") == "07633366778\n");
  CHECK(TextOf(folder / "text").find("社会保险办事指南") != std::string::npos);
  CHECK(platform.Look("SELECT count(*) FROM outbox o WHERE type = 'carillon.ivr.v1.MessageCompleted'") ==
        "1");

  auto other = platform.Start(NewCall(), kWithheld, "12333").value();
  other = platform.Keys(platform.Keys(other, "5").value(), "0763330000").value();
  const std::string of_other = " FROM messages WHERE session_id = '" + other.session().substr(9) + "'";
  CHECK(Eventually([&] { return platform.Look("SELECT min(state)" + of_other) == "FAILED"; }));
  CHECK(platform.Look("SELECT min(message->>'failure')" + of_other).find("no such subscriber") !=
        std::string::npos);
}

TEST_CASE("a message left by voice is a work order of that channel", "[ivr][service]") {
  auto& platform = ThePlatform();
  platform.Publish("travel", "4009");
  auto step = platform.Start(NewCall(), kOwnLine, "4009").value();
  step = platform.Keys(step, "6").value();
  REQUIRE(step.collect().has_record());
  pb::SendInputRequest spoken;
  spoken.set_session(step.session());
  spoken.set_sequence(step.version());
  spoken.mutable_recorded()->set_media("recordings/0042");
  spoken.mutable_recorded()->mutable_length()->set_seconds(14);
  step =
      platform.telephony
          ->Ask<pb::SessionStep>(AnyCall(platform.tenant), std::string(kSessions) + "SendInput", spoken, 15s)
          .value();
  CHECK(Said(step).find("您的留言已收到") != std::string::npos);
  pqxx::connection orders(platform.workorder_db_.admin_url());
  CHECK(
      std::string(pqxx::nontransaction(orders)
                      .exec("SELECT count(*) FROM work_orders w WHERE w::text LIKE '%VOICEMAIL%' AND w::text "
                            "LIKE '%recordings/0042%'")[0][0]
                      .c_str()) == "1");
  CHECK(platform.Get(step.session()).value().served(0) == "voicemail");
}

TEST_CASE("A3: an agent sends the caller to key the password, and learns only that it was right",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  platform.Publish("assist_password", "");
  const auto call = NewCall();
  auto step = platform.Start(call, kOtherLine).value();
  // To an agent, not called back however many wait.
  while (step.has_collect()) step = platform.Keys(step, step.collect().node() == "offer" ? "2" : "0").value();
  REQUIRE(step.has_queued());
  pb::StartSessionRequest request;
  request.set_call(call);
  request.set_calling_number(kOtherLine);
  request.set_called_number("10000");
  auto& assistance = *request.mutable_assistance();
  assistance.set_name("assistances/" + testing::SomeId());
  assistance.set_agent("agents/" + testing::SomeId());
  assistance.set_flow("10000");
  const auto start = [&] {
    return platform.telephony->Ask<pb::SessionStep>(AnyCall(platform.tenant),
                                                    std::string(kSessions) + "StartSession", request, 15s);
  };
  CHECK(start().error().reason == "FLOW_NEVER_RETURNS");
  assistance.set_flow("assist_password");
  step = start().value();
  REQUIRE(step.collect().secret());
  CHECK(start().value().SerializeAsString() == step.SerializeAsString());
  platform.ivr.CrashAndRestart();
  step = platform.Keys(step, "135790").value();
  CHECK(Said(step).find("密码有误") != std::string::npos);
  step = platform.Keys(step, "246810").value();
  REQUIRE(step.play().has_returned());
  CHECK(step.play().returned().done());
  CHECK(step.play().returned().result().at("verified") == "true");
  const auto session = platform.Get(step.session()).value();
  CHECK(session.call() == call);
  CHECK(session.identity_level() == pb::Session::SERVICE_PASSWORD);
  CHECK(session.assistance().agent() == assistance.agent());
  CHECK(session.result() == pb::Session::RETURNED);
  for (const char* secret : {"135790", "246810"}) {
    for (const char* table : {"sessions", "session_path", "outbox", "request_replays", "tasks"}) {
      INFO(table);
      CHECK(platform.Look(std::string("SELECT count(*) FROM ") + table + " t WHERE t::text LIKE '%" + secret +
                          "%' OR t::text LIKE '%' || encode('" + secret + "', 'hex') || '%'") == "0");
    }
    std::ifstream log(platform.ivr.process().log());
    const std::string text{std::istreambuf_iterator<char>(log), {}};
    CHECK(text.find(secret) == std::string::npos);
  }
  CHECK(platform.Look("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox WHERE key = '" +
                      step.session().substr(9) + "'") == "carillon.ivr.v1.AssistanceCompleted");

  // The call's own session is untouched; a second request ends when the caller hangs up.
  assistance.set_name("assistances/" + testing::SomeId());
  const auto again = start().value();
  CHECK(again.session() != step.session());
  CHECK(platform.End(call).value().result() == pb::Session::TO_AGENT);
  CHECK(platform.Get(again.session()).value().result() == pb::Session::ABANDONED);
}

TEST_CASE("A3: a caller without a password is known by the identity card or a code, kept nowhere",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  platform.Publish("assist_identity", "");
  const auto made = [&](bool known) {
    customer::CreateCustomerRequest request;
    request.mutable_customer()->mutable_person()->set_full_name("郑凯");
    request.set_request_id(testing::SomeId());
    if (known) {
      auto& document = *request.mutable_customer()->add_identifiers();
      document.set_type(customer::Identifier::RESIDENT_ID);
      document.set_number("11010519491231002X");
      auto& mobile = *request.mutable_customer()->add_contacts();
      mobile.set_type(customer::ContactMedium::MOBILE);
      mobile.set_number("13800138765");
    }
    return platform.records
        ->Ask<customer::Customer>(AnyCall(), std::string(kCustomers) + "CreateCustomer", request, 15s)
        .value()
        .name();
  };
  const auto sent_there = [&](const std::string& of) {
    pb::StartSessionRequest request;
    request.set_call(NewCall());
    request.set_calling_number(kWithheld);
    request.set_called_number("10000");
    auto& assistance = *request.mutable_assistance();
    assistance.set_name("assistances/" + testing::SomeId());
    assistance.set_agent("agents/" + testing::SomeId());
    assistance.set_flow("assist_identity");
    assistance.set_customer(of);
    return platform.telephony
        ->Ask<pb::SessionStep>(AnyCall(platform.tenant), std::string(kSessions) + "StartSession", request,
                               15s)
        .value();
  };
  const auto outcome = [](const pb::SessionStep& step) {
    return step.play().has_returned() ? step.play().returned().result().at("outcome") : "";
  };
  const auto somebody = made(true);

  auto step = platform.Keys(sent_there(somebody), "1").value();
  REQUIRE(step.collect().secret());
  step = platform.Keys(step, "310029").value();
  CHECK(Said(step).find("输入有误") != std::string::npos);
  platform.ivr.CrashAndRestart();
  step = platform.Keys(step, "31002*").value();
  CHECK(outcome(step) == "VERIFIED");
  CHECK(platform.Get(step.session()).value().identity_level() == pb::Session::ID_LAST6);

  // The carrier of these tests is busy at the first try of each message.
  step = platform.Keys(sent_there(somebody), "2").value();
  REQUIRE(step.collect().secret());
  std::string code;
  for (const auto& message : std::filesystem::directory_iterator(platform.carriers.folder)) {
    const auto text = TextOf(message.path() / "text");
    if (text.find("验证码是") == std::string::npos) continue;
    code = text.substr(text.find("是") + 3, 6);
    CHECK(TextOf(message.path() / "number") == "+8613800138765\n");
  }
  REQUIRE(code.size() == 6);
  CHECK(code.find_first_not_of("0123456789") == std::string::npos);
  const std::string wrong = code == "000000" ? "000001" : "000000";
  step = platform.Keys(step, wrong).value();
  CHECK(Said(step).find("输入有误") != std::string::npos);
  platform.ivr.CrashAndRestart();
  step = platform.Keys(step, code).value();
  CHECK(outcome(step) == "VERIFIED");
  CHECK(platform.Get(step.session()).value().identity_level() == pb::Session::SMS_OTP);
  CHECK(platform.Look("SELECT count(*) FROM identity_tries WHERE method <> 'CODE_SENT'") == "0");

  // Three wrong ones close the way for whoever calls next.
  step = platform.Keys(sent_there(somebody), "1").value();
  for (const char* keys : {"111111", "222222", "333333"}) step = platform.Keys(step, keys).value();
  CHECK(outcome(step) == "WRONG");
  step = platform.Keys(platform.Keys(sent_there(somebody), "1").value(), "31002*").value();
  CHECK(outcome(step) == "IDENTITY_LOCKED");

  const auto nobody = made(false);
  CHECK(outcome(platform.Keys(sent_there(nobody), "2").value()) == "NUMBER_UNKNOWN");
  step = platform.Keys(platform.Keys(sent_there(nobody), "1").value(), "31002*").value();
  CHECK(outcome(step) == "IDENTITY_UNSET");

  for (const std::string& secret : {std::string("31002*"), std::string("310029"), code}) {
    for (const char* table :
         {"sessions", "session_path", "outbox", "request_replays", "tasks", "messages", "identity_tries"}) {
      INFO(table);
      // Digits of ids are nobody's secret.
      CHECK(platform.Look(std::string("SELECT count(*) FROM ") + table +
                          " t, regexp_replace(t::text, '[0-9a-f]{8}-[0-9a-f-]{27}', '', 'g') AS kept "
                          "WHERE strpos(kept, '" +
                          secret + "') > 0 OR strpos(kept, encode('" + secret + "', 'hex')) > 0") == "0");
    }
    CHECK(TextOf(platform.ivr.process().log()).find(secret) == std::string::npos);
  }
}

TEST_CASE("each session is announced when it starts and once when it is over", "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  const auto step = platform.Start(call, kWithheld).value();
  CHECK(platform.End(call).value().result() == pb::Session::ABANDONED);
  CHECK(platform.End(call).value().result() == pb::Session::ABANDONED);
  const std::string id = step.session().substr(9);
  CHECK(platform.Look("SELECT string_agg(type, ' ' ORDER BY id) FROM outbox WHERE key = '" + id + "'") ==
        "carillon.ivr.v1.SessionStarted carillon.ivr.v1.SessionCompleted");
}

TEST_CASE("the report of a version says what its callers keyed, heard, and where they left",
          "[ivr][service]") {
  auto& platform = ThePlatform();
  const auto call = NewCall();
  const auto menu = platform.Start(call, kOwnLine).value();
  const auto bill = platform.Keys(menu, "1").value();
  platform.Keys(bill, "4").value();  // the balance is told
  platform.End(call).value();
  const auto asks = NewCall();
  platform.Keys(platform.Start(asks, kWithheld).value(), "0").value();
  const auto leaves = NewCall();
  platform.Keys(platform.Start(leaves, kWithheld).value(), "").value();
  platform.End(leaves).value();

  pb::GetMenuReportRequest request;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  request.mutable_start_time()->set_seconds(now - 86400);
  request.mutable_end_time()->set_seconds(now + 60);
  request.set_number("10000");
  request.add_group_by(pb::GetMenuReportRequest::FLOW);
  request.add_group_by(pb::GetMenuReportRequest::VERSION);
  const auto ask = [&] {
    return platform.editor->Ask<pb::MenuReport>(AnyCall(), std::string(kSessions) + "GetMenuReport", request,
                                                15s);
  };
  const auto report = ask().value();
  const auto found = std::find_if(report.groups().begin(), report.groups().end(), [&](const auto& group) {
    return group.flow() == platform.flow && group.flow_version() == 1;
  });
  REQUIRE(found != report.groups().end());
  // Other tests call the number too, so each figure is at least what these three callers make it.
  CHECK(found->sessions() >= 3);
  CHECK(found->self_served() >= 1);
  CHECK(found->to_agent() >= 1);
  CHECK(found->abandoned() >= 1);
  CHECK(found->containment() > 0);
  CHECK(found->containment() < 1);
  const auto way = [&](const std::string& node, const std::string& answer, const std::string& next,
                       const std::string& result) -> std::int64_t {
    for (const auto& each : found->menus()) {
      if (each.node() != node) continue;
      for (const auto& taken : each.ways()) {
        if (taken.answer() == answer && taken.next() == next && taken.result() == result)
          return taken.visits();
      }
    }
    return 0;
  };
  CHECK(way("main", "1", "bill", "") >= 1);
  CHECK(way("main", "0", "", "TO_AGENT") >= 1);
  CHECK(way("main", "timeout", "main", "") >= 1);
  CHECK(way("main", "hung up", "", "ABANDONED") >= 1);
  CHECK(std::any_of(found->services().begin(), found->services().end(),
                    [](const auto& service) { return service.service() == "balance"; }));
  request.set_time_zone("Moon/Crater");
  CHECK(ask().error().reason == "TIME_ZONE_UNKNOWN");
  request.clear_time_zone();
  *request.mutable_end_time() = request.start_time();
  CHECK(ask().error().reason == "SPAN_EMPTY");
}

/// Two keys: 1 does what must not be done twice (an order, under a key of its own), 2 stays in the menu.
constexpr const char* kPays =
    R"(<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'>
<datamodel><data id='call'/><data id='said' expr="'1 或 2'"/><data id='keyed' expr='0'/></datamodel>
<state id='menu'><onentry><send type='carillon:collect' event='input'><param name='node' expr="'menu'"/>
  <param name='keys' expr="'12'"/><param name='text' expr="said"/></send></onentry>
  <transition event='input.keys' cond="_event.data.digits === '1'" target='pay'/>
  <transition event='input.keys' target='menu'><assign location='keyed' expr='keyed + 1'/>
    <assign location='said' expr="'第' + keyed + '次'"/></transition>
  <transition event='input' target='agent'/></state>
<state id='pay'><onentry><send type='carillon:workOrder' event='paid'><param name='type' expr="'OTHER'"/>
  <param name='title' expr="'PAYMENT'"/><param name='phone_number' expr="call.calling_number"/></send></onentry>
  <transition event='paid.done' target='menu'><assign location='said' expr="'单号' + _event.data.number"/></transition>
  <transition event='paid' target='menu'><assign location='said' expr="'失败 ' + _event.data.reason"/></transition></state>
<state id='agent'><onentry><send type='carillon:enqueue' event='enqueue'><param name='queue' expr="'business'"/></send></onentry>
  <transition event='enqueue' target='over'/></state>
<final id='over'/></scxml>)";

/// `count` callers key away while ivr is killed `kills` times; the switch's peer asks again until it is
/// answered. Returns how many orders were made in turns that a kill ended before they were saved.
int SurvivesKills(int count, int kills) {
  auto& platform = ThePlatform();
  static std::once_flag published;
  std::call_once(published, [&] {
    platform.Publish("pays", kPays, "test it pays\n caller +8613500000000\n keys 1 2 hangup\n", "4700");
  });
  struct Caller {
    std::string call = NewCall(), from, keys = "222", heard;
    pb::SessionStep step;
  };
  std::mt19937 random(Catch::rngSeed());
  std::vector<Caller> callers(static_cast<std::size_t>(count));
  static int lines = 0;
  for (auto& caller : callers) {
    caller.from = "+861350" + std::to_string(1'000'000 + ++lines);
    caller.keys[random() % 3] = '1';
  }
  pqxx::connection orders(platform.workorder_db_.admin_url());
  const auto paid = [&](const std::string& what) {
    return pqxx::nontransaction(orders)
        .exec("SELECT " + what + " FROM work_orders w WHERE w::text LIKE '%PAYMENT%'")[0][0]
        .as<int>();
  };
  const int before = paid("count(*)");

  std::atomic<int> answered{0}, asking{0}, threads_done{0};
  int orders_unsaved = 0;
  std::mutex mutex;
  std::vector<std::string> refusals;
  const auto takes = [&](Caller& caller, const auto& ask) {
    ++asking;
    const Result<pb::SessionStep> step = ask();
    --asking;
    ++answered;
    if (step) {
      caller.step = *step;
      caller.heard += Said(*step);
    } else {
      const std::lock_guard lock(mutex);
      refusals.push_back(step.error().reason + " " + step.error().message);
    }
  };
  {
    std::vector<std::jthread> threads;
    constexpr std::size_t kThreads = 8;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < callers.size(); i += kThreads) {
          takes(callers[i], [&] { return platform.Start(callers[i].call, callers[i].from, "4700"); });
        }
        for (std::size_t key = 0; key < 3; ++key) {
          for (std::size_t i = t; i < callers.size(); i += kThreads) {
            takes(callers[i], [&] { return platform.Keys(callers[i].step, callers[i].keys.substr(key, 1)); });
          }
        }
        ++threads_done;
      });
    }
    for (int kill = 1; kill <= kills; ++kill) {
      while (answered < 4 * count * kill / (kills + 1)) std::this_thread::sleep_for(1ms);
      CHECK(asking > 0);  // somebody is in the middle of something
      platform.ivr.process().Kill(SIGKILL);
      platform.ivr.process().Wait();
      orders_unsaved += paid("count(*)") -
                        std::stoi(platform.Look("SELECT count(*) FROM session_path WHERE node = 'menu' AND "
                                                "input = '1'"));
      platform.ivr.CrashAndRestart();
    }
    CHECK(threads_done < static_cast<int>(kThreads));
  }
  for (const auto& refusal : refusals) FAIL_CHECK(refusal);
  platform.ivr.CrashAndRestart();
  for (const auto& caller : callers) {
    INFO(caller.keys << " heard " << caller.heard);
    auto now = platform.Start(caller.call, caller.from, "4700").value();
    now.set_client(caller.step.client());  // told by StartSession alone
    CHECK(now.SerializeAsString() == caller.step.SerializeAsString());
    CHECK(now.version() == 4);  // one step for each key
    CHECK(caller.heard.find("失败") == std::string::npos);
    std::string keyed;
    const auto session = platform.Get(now.session()).value();
    for (const auto& step : session.path()) keyed += step.outcome() == "keys" ? step.input() : "";
    CHECK(keyed == caller.keys);
    CHECK(platform.End(caller.call));
  }
  CHECK(paid("count(*)") == before + count);
  CHECK(paid("count(DISTINCT contact_number)") == before + count);
  return orders_unsaved;
}

TEST_CASE("killed again and again, ivr has every caller at the same prompt and has done nothing twice",
          "[ivr][service]") {
  SurvivesKills(64, 4);
}

TEST_CASE("killed again and again with 1,000 callers, ivr has each at the same prompt and has paid once",
          "[.long]") {
  const int unsaved = SurvivesKills(1000, 20);
  std::cout << "ivr: 20 kills with 1,000 callers; " << unsaved << " orders were made in turns a kill ended\n";
  CHECK(unsaved > 0);
}

/// CPU the process has used, ms: what a busy machine changes least.
double CpuMs(int pid) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) * 1000 + static_cast<double>(used.tv_nsec) / 1e6;
}

/// The process that started `pid`.
int ParentOf(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string field;
  std::getline(file, field, ')');
  int parent = 0;
  file >> field >> parent;
  return parent;
}

/// CPU of PostgreSQL: of the server's process and those it started.
double PostgresCpuMs(int server) {
  double all = CpuMs(server);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid > 0 && ParentOf(pid) == server) all += CpuMs(pid);
  }
  return all;
}

struct Pace {
  double a_second = 0, p99_ms = 0, cpu_ms = 0, postgres_cpu_ms = 0;
};

/// Does `work` on so many threads for `length`; how often it was done, how long it took, and what CPU of the
/// process and of PostgreSQL each cost.
template <class Work>
Pace Paced(int pid, int postgres, std::size_t threads, std::chrono::seconds length, const Work& work) {
  const double cpu_before = CpuMs(pid);
  const double postgres_before = PostgresCpuMs(postgres);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::vector<double>> took(threads);
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        for (auto now = begin; now - begin < length;) {
          work(i);
          const auto after = std::chrono::steady_clock::now();
          took[i].push_back(std::chrono::duration<double, std::milli>(after - now).count());
          now = after;
        }
      });
    }
  }
  std::vector<double> all;
  for (const auto& each : took) all.insert(all.end(), each.begin(), each.end());
  std::sort(all.begin(), all.end());
  return {static_cast<double>(all.size()) /
              std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          all[all.size() * 99 / 100], (CpuMs(pid) - cpu_before) / static_cast<double>(all.size()),
          (PostgresCpuMs(postgres) - postgres_before) / static_cast<double>(all.size())};
}

/// What of the process is in memory, MB.
int ResidentMb(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atoi(line.c_str() + 6) / 1024;
  return 0;
}

TEST_CASE("figures: sessions held, bytes of each, keys and starts beside bare calls, as sessions grow",
          "[.bench]") {
  auto& platform = ThePlatform();
  const char* const wanted = std::getenv("CARILLON_BENCH_SECONDS");
  const int pid = platform.ivr.process().pid();
  const std::chrono::seconds length{wanted != nullptr ? std::atoi(wanted) : 5};
  const auto echo = [&](std::size_t) {
    platform.telephony
        ->Ask<google::protobuf::Empty>(AnyCall(), "grpc.health.v1.Health/Check", google::protobuf::Empty(),
                                       5s)
        .value();
  };
  // What nothing that is durable can beat: as many bytes as a session has, written and committed.
  std::vector<std::unique_ptr<pqxx::connection>> connections;
  for (int i = 0; i < 16; ++i) {
    connections.push_back(std::make_unique<pqxx::connection>(platform.db.admin_url()));
  }
  const auto commit = [&](std::size_t i) {
    pqxx::nontransaction(*connections[i])
        .exec("SELECT pg_logical_emit_message(true, 'bench', repeat('.', 937))");
  };
  // Callers of the 10000 menu in its first step: some by the front door, the others as copies of the last
  // one's row.
  auto step = platform.Start(NewCall(), kWithheld).value();
  platform.Start(NewCall(), kWithheld).value();
  pqxx::connection connection(platform.db.admin_url());
  pqxx::nontransaction tx(connection);
  const int postgres = ParentOf(tx.exec("SELECT pg_backend_pid()")[0][0].as<int>());
  tx.exec("CREATE TEMP TABLE one AS SELECT * FROM sessions WHERE session_id = '" + step.session().substr(9) +
          "'");
  std::cout
      << "ivr: what is held: sessions, bytes of each, MB on disk, MB in memory; how many a second (p99; "
         "CPU ms of ivr and of PostgreSQL for each)\n";
  struct Figures {
    Pace calls_four, calls, commits, keys_four, keys, starts;
  };
  std::map<int, Figures> figures;
  const auto paced = [&](std::size_t threads, const auto& work) {
    return Paced(pid, postgres, threads, length, work);
  };
  for (const int size : {1'000, 10'000, 100'000}) {
    const int there = std::stoi(platform.Look("SELECT count(*) FROM sessions WHERE state = 'ACTIVE'"));
    tx.exec(
        "INSERT INTO sessions SELECT (jsonb_populate_record(one, jsonb_build_object('session_id', "
        "gen_random_uuid(), "
        "'call_id', gen_random_uuid()))).* FROM one, generate_series(1, " +
        std::to_string(std::max(0, size - there)) + ")");
    tx.exec("ANALYZE sessions");
    tx.exec("CHECKPOINT");
    std::vector<pb::SessionStep> held;
    for (const auto& row :
         tx.exec("SELECT session_id FROM sessions WHERE state = 'ACTIVE' AND version = 1 AND number_id "
                 "= (SELECT number_id FROM one) ORDER BY random() LIMIT 4096")) {
      held.push_back(step);
      held.back().set_session("sessions/" + std::string(row[0].c_str()));
    }
    REQUIRE(held.size() > 900);
    // A key that stays in the menus, so that every step is a full one: read, restored, walked, saved.
    const auto keys = [&](std::size_t threads) {
      std::vector<std::size_t> turn(threads);
      for (std::size_t i = 0; i < threads; ++i) turn[i] = i;
      return paced(threads, [&](std::size_t i) {
        auto& at = held[turn[i]];
        turn[i] = turn[i] + threads < held.size() ? turn[i] + threads : turn[i] % threads;
        at = platform.Keys(at, "9").value();
      });
    };
    auto& got = figures[size];
    got.calls_four = paced(4, echo);
    got.calls = paced(16, echo);
    got.commits = paced(16, commit);
    got.keys_four = keys(4);
    got.keys = keys(16);
    got.starts = paced(4, [&](std::size_t) { platform.Start(NewCall(), kWithheld).value(); });
    const auto told = [](const Pace& pace) {
      std::ostringstream text;
      text << std::fixed << std::setprecision(0) << pace.a_second << " (" << std::setprecision(1)
           << pace.p99_ms << " ms; " << std::setprecision(2) << pace.cpu_ms << " and " << pace.postgres_cpu_ms
           << ")";
      return text.str();
    };
    std::cout << "ivr: " << platform.Look("SELECT count(*) FROM sessions WHERE state = 'ACTIVE'")
              << " sessions, "
              << platform.Look(
                     "SELECT round(avg(octet_length(journey) + octet_length(step))) FROM sessions "
                     "WHERE state = 'ACTIVE'")
              << " B, " << platform.Look("SELECT pg_total_relation_size('sessions') / 1048576") << " MB, "
              << ResidentMb(pid) << " MB; keys of 4 callers " << told(got.keys_four) << ", of 16 "
              << told(got.keys) << "; starts of 4 " << told(got.starts) << "; bare calls of 4 "
              << told(got.calls_four) << ", of 16 " << told(got.calls) << "; bare commits of 16 "
              << told(got.commits) << "; keys of 16 / calls " << std::setprecision(3)
              << got.keys.a_second / got.calls.a_second << ", / commits "
              << got.keys.a_second / got.commits.a_second << "; p99 of starts / of calls "
              << got.starts.p99_ms / got.calls_four.p99_ms << std::endl;
    // CPU alone: rates and times are those of whatever else the machine does.
    CHECK(got.keys.cpu_ms < 150 * std::max(got.calls.cpu_ms, 0.01));
  }
  const auto& few = figures.at(1'000);
  const auto& many = figures.at(100'000);
  std::cout << "ivr: 100,000 / 1,000 sessions: keys of 16 " << many.keys.a_second / few.keys.a_second
            << ", their p99 " << many.keys.p99_ms / few.keys.p99_ms << ", CPU of ivr "
            << many.keys.cpu_ms / few.keys.cpu_ms << ", of PostgreSQL "
            << many.keys.postgres_cpu_ms / few.keys.postgres_cpu_ms << "; starts "
            << many.starts.a_second / few.starts.a_second << ", their p99 "
            << many.starts.p99_ms / few.starts.p99_ms << ", CPU of ivr "
            << many.starts.cpu_ms / few.starts.cpu_ms << std::endl;
  CHECK(many.keys.cpu_ms < 3 * few.keys.cpu_ms);
}

}  // namespace
}  // namespace carillon::ivr
