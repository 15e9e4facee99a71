#pragma once
#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/proto_time.hpp"
#include "carillon/ivr/v1/flow_service.pb.h"
#include "carillon/telephony/v1/call_service.pb.h"
#include "carillon/telephony/v1/switch_service.pb.h"
#include "platform.hpp"

/// A centre of real processes with a line to a switch, and desks at it.
namespace carillon::routing {

namespace telephony = carillon::telephony::v1;
namespace ivr = carillon::ivr::v1;

inline constexpr const char* kFlows = "carillon.ivr.v1.FlowService/";
inline constexpr const char* kSwitch = "carillon.telephony.v1.SwitchService/";
/// Every caller is handed over to the queue at once.
inline constexpr const char* kFlow =
    "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='ecmascript'><state "
    "id='agent'><onentry>"
    "<send type='carillon:enqueue' event='enqueue'><param name='data' expr=\"({broken_for: '3 "
    "days'})\"/></send>"
    "</onentry><transition event='enqueue' target='over'/></state><final id='over'/></scxml>";

class Lines : public Platform {
 public:
  Lines() : Lines(testing::FreePort()) {}
  Person& leader() { return people[3]; }
  const std::string& switch_token() const { return switch_token_; }

  /// The switch reports a call; gives its name once it waits with an interaction.
  std::string Arrive() {
    telephony::ReportCallArrivedRequest report;
    report.set_switch_call_id("line-" + testing::SomeId());
    report.set_called_number("10000");
    const auto call =
        line->Ask<telephony::Call>(AnyCall(), std::string(kSwitch) + "ReportCallArrived", report, 15s)
            .value();
    Told(call.name(), [](const auto& directive) { return !directive.music().interaction().empty(); });
    return call.name();
  }
  /// The latest directive of the call once it pleases.
  telephony::Directive Told(const std::string& call,
                            const std::function<bool(const telephony::Directive&)>& pleases) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, 15s, [&] { return pleases(told_[call]); });
    INFO("told last: " << told_[call].ShortDebugString());
    CHECK(came);
    return told_[call];
  }
  void Leg(const std::string& call, const std::string& leg,
           telephony::ReportAgentLegRequest::LegState state) {
    telephony::ReportAgentLegRequest report;
    report.set_call(call);
    report.set_leg(leg);
    report.set_state(state);
    CHECK(line->Ask<telephony::Call>(AnyCall(), std::string(kSwitch) + "ReportAgentLeg", report, 15s));
  }
  /// The person's profile shows the queue, or nothing.
  void Serve(const Person& person, bool serves) {
    pb::UpdateAgentRequest update;
    update.mutable_agent()->set_name("agents/" + person.id);
    update.mutable_agent()->set_routing_profile(serves ? "routingProfiles/all" : "routingProfiles/none");
    CHECK(boss->Ask<pb::Agent>(AnyCall(), std::string(kRules) + "UpdateAgent", update, 15s));
  }
  void HangUp(const std::string& call) {
    telephony::ReportHangUpRequest report;
    report.set_call(call);
    report.set_party(telephony::ReportHangUpRequest::CUSTOMER);
    CHECK(line->Ask<telephony::Call>(AnyCall(), std::string(kSwitch) + "ReportHangUp", report, 15s));
  }
  telephony::Call See(const std::string& call) {
    telephony::GetCallRequest get;
    get.set_name(call);
    return viewer->Ask<telephony::Call>(AnyCall(), "carillon.telephony.v1.CallService/GetCall", get, 15s)
        .value();
  }
  /// What a person's desk asks of telephony itself.
  template <class T>
  Result<T> Steer(const Person& person, const std::string& method, const google::protobuf::Message& request) {
    rpc::Peer peer(calls->target(), rpc::Tls{}, [&](auto) -> Result<std::string> { return person.token; });
    return peer.Ask<T>(AnyCall(), "carillon.telephony.v1.CallService/" + method, request, 15s);
  }
  /// Telephony is told whose the customer is now, a moment after routing decides it.
  bool BecomesOf(const std::string& call, const std::string& interaction) {
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (See(call).interaction() != interaction && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(20ms);
    return See(call).interaction() == interaction;
  }

  testing::Database ivr_db{"ivr"}, telephony_db{"telephony"};
  std::unique_ptr<testing::ServiceProcess> menu, calls;
  std::unique_ptr<rpc::Peer> line, viewer;

 private:
  explicit Lines(int port) : Platform("127.0.0.1:" + std::to_string(port)) {
    const auto nowhere = "127.0.0.1:" + std::to_string(testing::FreePort());
    menu = std::make_unique<testing::ServiceProcess>(
        "ivr", ivr_db,
        std::map<std::string, std::string>{
            {"PEERS", "access=" + access.target() + ",routing=" + routing.target() + ",customer=" + nowhere +
                          ",workorder=" + nowhere},
            {"AUTH_SECRET", kSecret},
            {"PUBLISH_TESTS_NEEDED", "false"}});
    calls = std::make_unique<testing::ServiceProcess>(
        "telephony", telephony_db,
        std::map<std::string, std::string>{
            {"PEERS", "access=" + access.target() + ",routing=" + routing.target() +
                          ",ivr=" + menu->target() + ",campaign=" + nowhere},
            {"AUTH_SECRET", kSecret}},
        port);
    rpc::Peer admin(access.target(), {}, [this](auto) -> Result<std::string> { return admin_token_; });
    rpc::Peer nobody(access.target(), {}, nullptr);
    for (const auto* role : {"SWITCH", "IVR_EDITOR"}) {
      access::CreateUserRequest request;
      request.mutable_user()->set_login(std::string("the-") + role);
      request.mutable_user()->add_roles(role);
      request.mutable_user()->set_all_clients(true);
      request.set_password(kPassword);
      request.set_permanent_password(true);
      admin.Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", request, 15s).value();
    }
    switch_token_ = Login(nobody, "the-SWITCH");
    rpc::Peer editor(menu->target(), {}, [this](auto) -> Result<std::string> { return admin_token_; });
    rpc::Peer approver(
        menu->target(), {},
        [token = Login(nobody, "the-IVR_EDITOR")](auto) -> Result<std::string> { return token; });
    ivr::CreateFlowRequest create;
    create.mutable_flow()->set_code("straight");
    create.mutable_flow()->set_document(kFlow);
    const auto flow = editor.Ask<ivr::Flow>(AnyCall(), std::string(kFlows) + "CreateFlow", create, 15s);
    Must(flow);
    ivr::PublishFlowRequest publish;
    publish.set_name(flow->name());
    Must(approver.Ask<ivr::Flow>(AnyCall(), std::string(kFlows) + "PublishFlow", publish, 15s));
    ivr::SetServiceNumberRequest number;
    number.mutable_service_number()->set_number("10000");
    number.mutable_service_number()->set_flow(publish.name());
    number.mutable_service_number()->set_client(client);
    number.mutable_service_number()->set_default_queue("queues/business");
    number.mutable_service_number()->add_menus()->set_menu("default");
    Must(editor.Ask<ivr::ServiceNumber>(AnyCall(), std::string(kFlows) + "SetServiceNumber", number, 15s));
    line = std::make_unique<rpc::Peer>(calls->target(), rpc::Tls{},
                                       [this](auto) -> Result<std::string> { return switch_token_; });
    viewer = std::make_unique<rpc::Peer>(calls->target(), rpc::Tls{},
                                         [this](auto) -> Result<std::string> { return admin_token_; });
    watching_ = line->Watch<telephony::Directive>(
        AnyCall(600s), std::string(kSwitch) + "WatchDirectives", telephony::WatchDirectivesRequest(),
        [this](const telephony::Directive& directive) {
          const std::lock_guard lock(mutex_);
          told_[directive.call()] = directive;
          changed_.notify_all();
        },
        [](std::optional<Error>) {});
  }

  std::string switch_token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, telephony::Directive> told_;
  std::unique_ptr<rpc::Watching> watching_;
};

/// Agents may bring numbers of Guangzhou into a call.
inline void LetOutside(Lines& lines) {
  pb::UpdateDeskRulesRequest rules;
  rules.mutable_desk_rules()->add_outside_prefixes("+8620");
  CHECK(lines.boss->Ask<pb::DeskRules>(AnyCall(), std::string(kRules) + "UpdateDeskRules", rules, 15s));
}

/// A desk of these scenes: takes what is offered and has the call connected.
class Desk {
 public:
  Desk(Lines& lines, Person& person, bool ready = true) : lines_(lines), person_(person), stream_(person) {
    pb::SignInRequest sign_in;
    sign_in.set_seat(person.id.substr(24));
    sign_in.set_extension("80" + person.id.substr(28));
    CHECK(lines.As<pb::AgentSession>(person, "SignIn", sign_in));
    if (ready) Ready();
  }
  ~Desk() {
    stream_.Await([](const pb::Desk& d) { return d.interactions_size() == 0; }, 5s);
    Rest();
    (void)lines_.As<pb::AgentSession>(person_, "SignOut", pb::SignOutRequest());
  }
  void Ready() {
    pb::SetStatusRequest ready;
    ready.set_status(pb::READY);
    CHECK(lines_.As<pb::AgentSession>(person_, "SetStatus", ready));
  }
  void Rest() {
    pb::SetStatusRequest rest;
    rest.set_status(pb::NOT_READY);
    rest.set_reason("END");
    (void)lines_.As<pb::AgentSession>(person_, "SetStatus", rest);
  }
  /// Takes the offer that comes; `says` is what it is about.
  pb::Interaction Take() {
    const auto offered = Rings();
    REQUIRE(offered);
    CHECK(Accept(*offered));
    return offered->interaction();
  }
  /// Takes the offer and speaks with the customer.
  pb::Interaction Answer() {
    Connect(Take().call());
    return AwaitTalk();
  }
  /// The phone rings for the call and is taken.
  void Connect(const std::string& call) {
    const auto told = lines_.Told(call, [&](const auto& d) { return d.connect().agent() == Name(); });
    lines_.Leg(call, told.connect().leg(), telephony::ReportAgentLegRequest::CONNECTED);
  }
  pb::Interaction AwaitTalk() {
    return Await([](const pb::Interaction& i) { return i.has_connect_time(); });
  }
  /// The offer that rings here, if one does before `limit`.
  std::optional<pb::Desk::Offer> Rings(std::chrono::milliseconds limit = 15s) {
    const auto seen = stream_.Await([](const pb::Desk& d) { return d.offers_size() > 0; }, limit);
    return seen ? std::optional(seen->offers(0)) : std::nullopt;
  }
  bool RingsNoMore() {
    return stream_.Await([](const pb::Desk& d) { return d.offers_size() == 0; }, 15s).has_value();
  }
  Result<pb::Interaction> Accept(const pb::Desk::Offer& offer) {
    pb::AcceptReservationRequest accept;
    accept.set_name(offer.reservation().name());
    accept.set_version(offer.reservation().version());
    return Do("AcceptReservation", accept);
  }
  /// Somebody is asked about the talk; the customer holds.
  void Consult(const pb::Interaction& talk, const Desk& colleague) {
    pb::StartConsultRequest ask;
    ask.set_agent(colleague.Name());
    Consult(talk, ask);
  }
  void Consult(const pb::Interaction& talk, pb::StartConsultRequest ask) {
    ask.set_name(talk.name());
    ask.set_request_id(testing::SomeId());
    REQUIRE(Do("StartConsult", ask));
  }
  /// Who was asked speaks with the customer too; gives what the switch is told.
  auto Join(const std::string& call, const pb::Interaction& talk) {
    pb::JoinConsultRequest join;
    join.set_name(talk.name());
    REQUIRE(Do("JoinConsult", join));
    return lines_.Told(
        call, [](const auto& d) { return d.bridge().parties_size() == 2 && !d.bridge().customer_holds(); });
  }
  /// The phone of the talk's agent is rung (again) and taken.
  void PickUp(const std::string& call) {
    const auto told = lines_.Told(call, [&](const auto& d) {
      return d.bridge().parties_size() == 1 && d.bridge().parties(0).agent() == Name();
    });
    lines_.Leg(call, told.bridge().parties(0).leg(), telephony::ReportAgentLegRequest::CONNECTED);
  }
  /// The work in hand once it pleases.
  pb::Interaction Await(const std::function<bool(const pb::Interaction&)>& pleases) {
    const auto now = stream_.Await(
        [&](const pb::Desk& d) { return d.interactions_size() > 0 && pleases(d.interactions(0)); }, 15s);
    REQUIRE(now);
    return now->interactions(0);
  }
  void Complete() {
    const auto wraps = Await([](const pb::Interaction& i) { return i.state() == pb::Interaction::WRAPPING; });
    pb::CompleteInteractionRequest complete;
    complete.set_name(wraps.name());
    complete.set_disposition("RESOLVED");
    CHECK(lines_.As<pb::Interaction>(person_, "CompleteInteraction", complete));
  }
  template <class Request>
  Result<pb::Interaction> Do(const std::string& method, const Request& request) {
    return lines_.As<pb::Interaction>(person_, method, request);
  }
  std::string Name() const { return "agents/" + person_.id; }

 private:
  Lines& lines_;
  Person& person_;
  DeskStream stream_;
};

/// The processes of all tests in this program, started with the first.
inline Lines& TheLines() {
  static Lines lines;
  return lines;
}

}  // namespace carillon::routing
