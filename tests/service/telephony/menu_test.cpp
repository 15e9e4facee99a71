#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/ivr/v1/announcement_service.pb.h"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "carillon/routing/v1/agent_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "carillon/telephony/v1/call_service.pb.h"
#include "carillon/telephony/v1/switch_service.pb.h"
#include "platform/platform.hpp"

/// What a menu has a switch do, and callers whom agents send into a flow, over the real processes; the test
/// is the switch and the desk.
namespace carillon::telephony {
namespace {

using namespace std::chrono_literals;
using testing::AnyCall;
namespace pb = carillon::telephony::v1;
namespace customers = carillon::customer::v1;
namespace ivr = carillon::ivr::v1;
namespace routing = carillon::routing::v1;

constexpr const char* kMenuSwitch = "carillon.telephony.v1.SwitchService/";
constexpr const char* kMenuCalls = "carillon.telephony.v1.CallService/";
constexpr const char* kMenuFlows = "carillon.ivr.v1.FlowService/";
constexpr const char* kLibrary = "carillon.ivr.v1.AnnouncementService/";
constexpr const char* kMenuRules = "carillon.routing.v1.QueueService/";
constexpr const char* kMenuDesk = "carillon.routing.v1.AgentService/";
constexpr const char* kWrong = "135791";
constexpr const char* kRight = "246810";
/// 1 leaves a message, 2 goes to a branch outside, all else to an agent.
constexpr const char* kMenu =
    R"(<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'>
<datamodel><data id='call'/></datamodel>
<state id='main'><onentry><send type='carillon:collect' event='input'><param name='node' expr="'main'"/>
  <param name='text' expr="{prompt: 'welcome', text: '您好'}"/></send></onentry>
  <transition event='input.keys' cond="_event.data.digits === '1'" target='message'/>
  <transition event='input.keys' cond="_event.data.digits === '2'" target='outside'/>
  <transition event='input' target='agent'/></state>
<state id='message'><onentry><send type='carillon:voicemail' event='voicemail'><param name='text' expr="'请留言'"/>
  <param name='title' expr="'留言'"/><param name='max_length_s' expr="60"/></send></onentry>
  <transition event='voicemail.done' target='bye'/><transition event='voicemail' target='agent'/></state>
<state id='outside'><onentry><send type='carillon:transfer' event='transfer'><param name='to' expr="'branch'"/>
  <param name='text' expr="'正在为您转接'"/><param name='ring_timeout_s' expr="20"/></send></onentry>
  <transition event='transfer.failed' target='agent'/></state>
<state id='agent'><onentry><send type='carillon:enqueue' event='enqueue'><param name='queue' expr="'business'"/></send></onentry>
  <transition event='enqueue' target='over'/></state>
<state id='bye'><onentry><send type='carillon:hangUp'><param name='text' expr="'再见'"/></send></onentry>
  <transition target='over'/></state>
<final id='over'/></scxml>)";

template <class T>
T Must(const Result<T>& result) {
  if (!result) throw std::runtime_error(result.error().reason + ": " + result.error().message);
  return *result;
}

/// Whether it comes to be within twenty seconds.
template <class Condition>
bool ComesTrue(const Condition& holds) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

class Hall {
 public:
  Hall()
      : platform({"access", "customer", "routing", "workorder", "telephony", "ivr"},
                 {{"ivr", {{"PUBLISH_TESTS_NEEDED", "false"}}}}) {
    line = platform.As(platform.Hire("the-switch", {"SWITCH"}), "telephony");
    speaker = platform.As(platform.Login("the-switch"), "ivr");
    const auto agent_token = platform.Hire("agent-1023", {"CSR"});
    calls = platform.As(agent_token, "telephony");
    desk = platform.As(agent_token, "routing");
    colleague = platform.As(platform.Hire("agent-1024", {"CSR"}), "telephony");
    editor = platform.As(platform.admin_token(), "ivr");
    approver = platform.As(platform.Hire("the-approver", {"IVR_EDITOR"}), "ivr");
    Furnish();
    Open();
  }

  std::string Arrive() {
    pb::ReportCallArrivedRequest report;
    report.set_switch_call_id("line-" + testing::SomeId());
    report.set_calling_number("+862038885678");
    report.set_called_number("10000");
    const auto call =
        Must(line->Ask<pb::Call>(AnyCall(), std::string(kMenuSwitch) + "ReportCallArrived", report, 15s))
            .name();
    Told(call, [](const auto& d) { return d.has_collect(); });
    return call;
  }
  /// The latest directive of the call once it pleases.
  pb::Directive Told(const std::string& call, const std::function<bool(const pb::Directive&)>& pleases) {
    std::unique_lock lock(mutex_);
    for (int tries = 0; tries < 100; ++tries) {
      if (changed_.wait_for(lock, 200ms, [&] { return ended_ || pleases(told_[call]); }) &&
          pleases(told_[call]))
        return told_[call];
      if (ended_) {
        lock.unlock();
        Open();
        lock.lock();
      }
    }
    FAIL_CHECK("told last: " << told_[call].ShortDebugString());
    return told_[call];
  }
  void Key(const std::string& call, const std::string& digits) {
    pb::ReportInputRequest report;
    report.set_call(call);
    report.set_directive_version(Latest(call).version());
    report.set_digits(digits);
    Report(report);
  }
  /// As a switch does: again until it is answered.
  void Report(const pb::ReportInputRequest& report) {
    CHECK(ComesTrue([&] {
      return line
          ->Ask<pb::ReportInputResponse>(AnyCall(), std::string(kMenuSwitch) + "ReportInput", report, 5s)
          .has_value();
    }));
  }
  void Played(const std::string& call) {
    pb::ReportPlayedRequest report;
    report.set_call(call);
    report.set_directive_version(Latest(call).version());
    Must(line->Ask<pb::ReportPlayedResponse>(AnyCall(), std::string(kMenuSwitch) + "ReportPlayed", report,
                                             15s));
  }
  void Leg(const std::string& call, const std::string& leg, pb::ReportAgentLegRequest::LegState state,
           pb::Call::Cause cause = pb::Call::CAUSE_UNSPECIFIED) {
    pb::ReportAgentLegRequest report;
    report.set_call(call);
    report.set_leg(leg);
    report.set_state(state);
    report.set_cause(cause);
    Must(line->Ask<pb::Call>(AnyCall(), std::string(kMenuSwitch) + "ReportAgentLeg", report, 15s));
  }
  void HangUp(const std::string& call) {
    pb::ReportHangUpRequest report;
    report.set_call(call);
    report.set_party(pb::ReportHangUpRequest::CUSTOMER);
    Must(line->Ask<pb::Call>(AnyCall(), std::string(kMenuSwitch) + "ReportHangUp", report, 15s));
  }
  pb::Call See(const std::string& call) {
    pb::GetCallRequest get;
    get.set_name(call);
    return Must(calls->Ask<pb::Call>(AnyCall(), std::string(kMenuCalls) + "GetCall", get, 15s));
  }
  Result<pb::Call> Assist(rpc::Peer& as, const std::string& call,
                          const std::string& flow = "assist_password") {
    pb::AssistCallRequest request;
    request.set_name(call);
    request.set_flow(flow);
    request.set_customer(customer);
    request.set_request_id(testing::SomeId());
    return as.Ask<pb::Call>(AnyCall(), std::string(kMenuCalls) + "AssistCall", request, 15s);
  }
  Result<pb::Call> TakeBack(const std::string& call) {
    pb::TakeBackCallRequest request;
    request.set_name(call);
    return calls->Ask<pb::Call>(AnyCall(), std::string(kMenuCalls) + "TakeBackCall", request, 15s);
  }
  /// The agent takes what is offered and speaks with the caller.
  void Answer(const std::string& call) {
    routing::Reservation offer;
    REQUIRE(ComesTrue([&] {
      const std::lock_guard lock(mutex_);
      if (desk_.offers_size() > 0) offer = desk_.offers(0).reservation();
      return !offer.name().empty();
    }));
    routing::AcceptReservationRequest accept;
    accept.set_name(offer.name());
    accept.set_version(offer.version());
    Must(desk->Ask<routing::Interaction>(AnyCall(), std::string(kMenuDesk) + "AcceptReservation", accept,
                                         15s));
    const auto rings = Told(call, [](const auto& d) { return d.has_connect(); });
    Leg(call, rings.connect().leg(), pb::ReportAgentLegRequest::CONNECTED);
  }
  /// Ends the work after the call, so that the next is offered.
  void Complete() {
    std::string interaction;
    REQUIRE(ComesTrue([&] {
      const std::lock_guard lock(mutex_);
      if (desk_.interactions_size() > 0 && desk_.interactions(0).state() == routing::Interaction::WRAPPING)
        interaction = desk_.interactions(0).name();
      return !interaction.empty();
    }));
    routing::CompleteInteractionRequest complete;
    complete.set_name(interaction);
    complete.set_disposition("RESOLVED");
    Must(desk->Ask<routing::Interaction>(AnyCall(), std::string(kMenuDesk) + "CompleteInteraction", complete,
                                         15s));
  }
  std::string Look(const std::string& service, const std::string& sql) {
    pqxx::connection connection(platform.database(service).admin_url());
    return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
  }
  /// In how many rows of all tables of all services, and lines of their logs, a text stands by itself, in
  /// clear or in hexadecimal digits.
  int Found(const std::string& text) {
    int found = 0;
    std::string hex;
    for (const char c : text) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      hex += kDigits[static_cast<unsigned char>(c) >> 4];
      hex += kDigits[static_cast<unsigned char>(c) & 15];
    }
    for (const auto& service : platform.services()) {
      pqxx::connection connection(platform.database(service).admin_url());
      pqxx::nontransaction tx(connection);
      for (const auto& table :
           tx.exec("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM "
                   "pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")) {
        const auto rows = tx.exec("SELECT count(*) FROM " + std::string(table[0].c_str()) +
                                  " t WHERE t::text ~ '(^|[^0-9a-f])" + text +
                                  "([^0-9a-f]|$)' OR t::text LIKE '%" + hex + "%'")[0][0]
                              .as<int>();
        if (rows > 0) UNSCOPED_INFO(text << " is in " << service << " " << table[0].c_str());
        found += rows;
      }
      std::ifstream log(platform.service(service).process().log());
      for (std::string entry; std::getline(log, entry);) {
        const auto at = entry.find(text);
        const auto stands = [&](std::size_t i) { return i >= entry.size() || std::isxdigit(entry[i]) == 0; };
        if (at == std::string::npos || !stands(at - 1) || !stands(at + text.size())) continue;
        UNSCOPED_INFO(text << " is in the log of " << service << ": " << entry);
        ++found;
      }
    }
    return found;
  }

  testing::Platform platform;
  std::unique_ptr<rpc::Peer> line, speaker, calls, desk, colleague, editor, approver;
  std::string customer;

 private:
  pb::Directive Latest(const std::string& call) {
    const std::lock_guard lock(mutex_);
    return told_[call];
  }
  void Publish(const std::string& code, const std::string& document, const std::string& number) {
    ivr::CreateFlowRequest create;
    create.mutable_flow()->set_code(code);
    create.mutable_flow()->set_document(document);
    const auto flow =
        Must(editor->Ask<ivr::Flow>(AnyCall(), std::string(kMenuFlows) + "CreateFlow", create, 15s));
    ivr::PublishFlowRequest publish;
    publish.set_name(flow.name());
    Must(approver->Ask<ivr::Flow>(AnyCall(), std::string(kMenuFlows) + "PublishFlow", publish, 15s));
    if (number.empty()) return;
    ivr::SetServiceNumberRequest set;
    auto& wanted = *set.mutable_service_number();
    wanted.set_number(number);
    wanted.set_flow(flow.name());
    wanted.set_client(platform.client);
    wanted.set_default_queue("queues/business");
    (*wanted.mutable_transfers())["branch"] = "+862083334567";
    wanted.add_menus()->set_menu("default");
    Must(editor->Ask<ivr::ServiceNumber>(AnyCall(), std::string(kMenuFlows) + "SetServiceNumber", set, 15s));
  }
  void Furnish() {
    const auto boss = platform.As(platform.admin_token(), "routing");
    routing::CreateQueueRequest queue;
    queue.mutable_queue()->set_code("business");
    queue.mutable_queue()->set_client(platform.client);
    queue.mutable_queue()->mutable_offer_timeout()->set_seconds(3600);
    queue.mutable_queue()->mutable_wrap_up()->set_seconds(3600);
    Must(boss->Ask<routing::Queue>(AnyCall(), std::string(kMenuRules) + "CreateQueue", queue, 15s));
    routing::CreateRoutingProfileRequest profile;
    profile.mutable_routing_profile()->set_code("all");
    profile.mutable_routing_profile()->add_entries()->set_queue("queues/business");
    Must(boss->Ask<routing::RoutingProfile>(AnyCall(), std::string(kMenuRules) + "CreateRoutingProfile",
                                            profile, 15s));
    routing::CreateAgentRequest agent;
    agent.mutable_agent()->set_user("users/" +
                                    Look("access", "SELECT user_id FROM users WHERE login = 'agent-1023'"));
    agent.mutable_agent()->set_code("A1023");
    agent.mutable_agent()->set_routing_profile("routingProfiles/all");
    Must(boss->Ask<routing::Agent>(AnyCall(), std::string(kMenuRules) + "CreateAgent", agent, 15s));

    const auto records = platform.As(platform.admin_token(), "customer");
    customers::CreateCustomerRequest make;
    make.mutable_customer()->mutable_person()->set_full_name("李秀英");
    auto& medium = *make.mutable_customer()->add_contacts();
    medium.set_type(customers::ContactMedium::HOME_PHONE);
    medium.set_number("+862038885678");
    make.set_request_id(testing::SomeId());
    customer = Must(records->Ask<customers::Customer>(
                        AnyCall(), "carillon.customer.v1.CustomerService/CreateCustomer", make, 15s))
                   .name();
    customers::SetServicePasswordRequest password;
    password.set_name(customer);
    password.set_password(kRight);
    Must(records->Ask<customers::SetServicePasswordResponse>(
        AnyCall(), "carillon.customer.v1.CustomerService/SetServicePassword", password, 15s));

    std::ifstream assist(std::string(CARILLON_FLOWS) + "/assist_password.scxml");
    Publish("assist_password", {std::istreambuf_iterator<char>(assist), {}}, "");
    Publish("menu", kMenu, "10000");
    routing::SignInRequest sign_in;
    sign_in.set_seat("seat-1");
    sign_in.set_extension("8001");
    Must(desk->Ask<routing::AgentSession>(AnyCall(), std::string(kMenuDesk) + "SignIn", sign_in, 15s));
  }
  /// Both streams, and the agent ready again.
  void Open() {
    watching_.reset();
    {
      const std::lock_guard lock(mutex_);
      ended_ = false;
    }
    auto frame = AnyCall();
    frame.deadline = std::chrono::steady_clock::now() + 600s;
    watching_ = line->Watch<pb::Directive>(
        frame, std::string(kMenuSwitch) + "WatchDirectives", pb::WatchDirectivesRequest(),
        [this](const pb::Directive& directive) {
          const std::lock_guard lock(mutex_);
          told_[directive.call()] = directive;
          changed_.notify_all();
        },
        [this](std::optional<Error>) {
          const std::lock_guard lock(mutex_);
          ended_ = true;
          changed_.notify_all();
        });
    if (desk_watch_) return;
    desk_watch_ = desk->Watch<routing::Desk>(
        frame, std::string(kMenuDesk) + "WatchDesk", routing::WatchDeskRequest(),
        [this](const routing::Desk& now) {
          const std::lock_guard lock(mutex_);
          desk_ = now;
        },
        [](std::optional<Error>) {});
    routing::SetStatusRequest ready;
    ready.set_status(routing::READY);
    REQUIRE(ComesTrue([&] {
      return desk->Ask<routing::AgentSession>(AnyCall(), std::string(kMenuDesk) + "SetStatus", ready, 15s)
          .has_value();
    }));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, pb::Directive> told_;
  routing::Desk desk_;
  bool ended_ = false;
  std::unique_ptr<rpc::Watching> watching_, desk_watch_;
};

Hall& TheHall() {
  static Hall hall;
  return hall;
}

std::string SessionOf(const std::string& call) { return "call_id = '" + call.substr(6) + "'"; }

}  // namespace

TEST_CASE("a caller leaves a message in the menu, and an order carries where the switch keeps it",
          "[telephony][service]") {
  auto& hall = TheHall();
  const auto call = hall.Arrive();
  hall.Key(call, "1");
  const auto record = hall.Told(call, [](const auto& d) { return d.has_record(); });
  CHECK(record.record().max_length().seconds() == 60);
  CHECK(record.record().prompts(0).text() == "请留言");
  pb::ReportInputRequest report;
  report.set_call(call);
  report.set_directive_version(record.version());
  const auto media = "voice/" + call.substr(6) + ".wav";
  report.mutable_recorded()->set_media(media);
  report.mutable_recorded()->mutable_length()->set_seconds(9);
  hall.Report(report);
  hall.Report(report);  // a switch that got no answer
  const auto words = hall.Told(call, [](const auto& d) { return d.has_release(); });
  CHECK(words.release().prompts(0).text() == "再见");
  hall.HangUp(call);
  CHECK(hall.Look("ivr", "SELECT result FROM sessions WHERE " + SessionOf(call)) == "VOICEMAIL");
  CHECK(hall.Look("workorder", "SELECT count(*) FROM work_orders w WHERE w::text LIKE '%" + media + "%'") ==
        "1");
}

TEST_CASE("a caller is put through to a branch outside, and to an agent when that is busy",
          "[telephony][service]") {
  auto& hall = TheHall();
  const auto call = hall.Arrive();
  hall.Key(call, "2");
  const auto rings = hall.Told(call, [](const auto& d) { return d.has_transfer(); });
  CHECK(rings.transfer().phone_number() == "+862083334567");
  CHECK(rings.transfer().ring_duration().seconds() == 20);
  hall.platform.service("ivr").CrashAndRestart();
  hall.Leg(call, rings.transfer().leg(), pb::ReportAgentLegRequest::CONNECTED);
  CHECK(hall.See(call).state() == pb::Call::ESTABLISHED);
  hall.HangUp(call);
  CHECK(hall.See(call).state() == pb::Call::CLEARED);
  CHECK(ComesTrue([&] {
    return hall.Look("ivr", "SELECT result FROM sessions WHERE " + SessionOf(call)) == "TRANSFERRED";
  }));

  const auto busy = hall.Arrive();
  hall.Key(busy, "2");
  const auto again = hall.Told(busy, [](const auto& d) { return d.has_transfer(); });
  hall.Leg(busy, again.transfer().leg(), pb::ReportAgentLegRequest::FAILED, pb::Call::BUSY);
  hall.Told(busy, [](const auto& d) { return !d.music().interaction().empty(); });
  hall.HangUp(busy);
  CHECK(
      hall.Look("ivr",
                "SELECT string_agg(outcome, ' ' ORDER BY position) FROM session_path WHERE node = 'transfer' "
                "AND session_id = (SELECT session_id FROM sessions WHERE " +
                    SessionOf(busy) + ")") == "transferring BUSY");
}

TEST_CASE("a switch gets the sound of an announcement that a menu names", "[telephony][service]") {
  auto& hall = TheHall();
  ivr::SetAnnouncementRequest make;
  make.mutable_announcement()->set_code("welcome");
  make.mutable_announcement()->set_language("zh-CN");
  make.mutable_announcement()->set_text("您好，欢迎致电。");
  const auto made = Must(
      hall.editor->Ask<ivr::Announcement>(AnyCall(), std::string(kLibrary) + "SetAnnouncement", make, 15s));
  ivr::ApproveAnnouncementRequest approve;
  approve.set_name(made.name());
  Must(hall.approver->Ask<ivr::Announcement>(AnyCall(), std::string(kLibrary) + "ApproveAnnouncement",
                                             approve, 15s));
  const auto call = hall.Arrive();
  const auto menu = hall.Told(call, [](const auto& d) { return d.has_collect(); });
  REQUIRE(menu.collect().prompts_size() == 1);
  CHECK(menu.collect().prompts(0).text() == "您好，欢迎致电。");
  REQUIRE(menu.collect().prompts(0).announcement() == made.name());
  ivr::SpeakRequest speak;
  speak.set_announcement(menu.collect().prompts(0).announcement());
  speak.set_format(ivr::Sound::A_LAW);
  CHECK(Must(hall.speaker->Ask<ivr::Sound>(AnyCall(), std::string(kLibrary) + "Speak", speak, 15s))
            .content()
            .size() > 8000);
  hall.HangUp(call);
}

TEST_CASE("an agent has the caller key the service password, and learns only that it was right",
          "[telephony][service]") {
  auto& hall = TheHall();
  const auto call = hall.Arrive();
  hall.Key(call, "0");
  hall.Answer(call);
  CHECK(hall.Assist(*hall.colleague, call).error().reason == "CALL_NOT_YOURS");
  const auto sent = hall.Assist(*hall.calls, call).value();
  CHECK(sent.state() == pb::Call::ESTABLISHED);
  CHECK(hall.Assist(*hall.calls, call).error().reason == "ASSISTANCE_ACTIVE");
  const auto asks = hall.Told(call, [](const auto& d) { return d.has_collect(); });
  CHECK(asks.collect().secret());
  REQUIRE(asks.held_legs_size() == 1);  // the agent hears music, no keys
  CHECK(asks.held_legs(0) == sent.legs(2).name());
  hall.Key(call, kWrong);
  const auto anew =
      hall.Told(call, [&](const auto& d) { return d.has_collect() && d.version() > asks.version(); });
  hall.platform.service("ivr").CrashAndRestart();
  hall.platform.service("telephony").CrashAndRestart();
  CHECK(hall.Told(call, [&](const auto& d) { return d.version() == anew.version(); }).held_legs_size() == 1);
  hall.Key(call, kRight);
  hall.Told(call, [](const auto& d) { return d.has_play(); });
  hall.Played(call);
  const auto back = hall.Told(call, [](const auto& d) { return d.has_connect(); });
  CHECK(back.connect().leg() == asks.held_legs(0));
  CHECK(back.held_legs_size() == 0);
  const auto seen = hall.See(call);
  CHECK(seen.state() == pb::Call::ESTABLISHED);
  CHECK(seen.assistance().state() == pb::Assistance::RETURNED);
  CHECK(seen.assistance().done());
  CHECK(seen.assistance().result().at("verified") == "true");

  // What was keyed is in no table of any service, outbox and tasks among them, in no log and not in what the
  // agent sees.
  CHECK(hall.Found(kWrong) == 0);
  CHECK(hall.Found(kRight) == 0);
  CHECK(seen.ShortDebugString().find(kRight) == std::string::npos);
  CHECK(hall.Found(seen.switch_call_id()) > 0);  // what is kept is found in this way
  CHECK(hall.Look("ivr", "SELECT count(*) FROM session_path WHERE input = '******' AND outcome = 'keys'") ==
        "2");

  // A flow that is not there, one that is taken back, and a caller who leaves in the middle of one.
  REQUIRE(hall.Assist(*hall.calls, call, "no_such_flow"));
  CHECK(ComesTrue([&] { return hall.See(call).assistance().state() == pb::Assistance::BROKEN_OFF; }));
  CHECK(hall.See(call).assistance().failure() == "FLOW_UNKNOWN");
  hall.Told(call, [](const auto& d) { return d.has_connect(); });
  REQUIRE(hall.Assist(*hall.calls, call));
  hall.Told(call, [](const auto& d) { return d.has_collect(); });
  CHECK(hall.TakeBack(call).value().assistance().failure() == "TAKEN_BACK");
  hall.Told(call, [](const auto& d) { return d.has_connect(); });
  REQUIRE(hall.Assist(*hall.calls, call));
  hall.Told(call, [](const auto& d) { return d.has_collect(); });
  hall.HangUp(call);
  CHECK(hall.See(call).assistance().failure() == "CALL_ENDED");
  CHECK(ComesTrue([&] {
    return hall.Look("ivr", "SELECT count(*) FROM sessions WHERE state = 'ACTIVE' AND assisted_call_id = '" +
                                call.substr(6) + "'") == "0";
  }));
  CHECK(hall.Look(
            "ivr",
            "SELECT string_agg(result, ' ' ORDER BY started_at) FROM sessions WHERE assisted_call_id = '" +
                call.substr(6) + "'") == "RETURNED ABANDONED ABANDONED");
  hall.Complete();
}

}  // namespace carillon::telephony
