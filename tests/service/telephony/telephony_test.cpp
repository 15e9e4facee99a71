#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

#include "carillon/access/v1/access_service.pb.h"
#include "carillon/telephony/v1/call_service.pb.h"
#include "carillon/telephony/v1/switch_service.pb.h"
#include "obs/log.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

namespace carillon::telephony {
namespace {

using namespace std::chrono_literals;
namespace pb = carillon::telephony::v1;
namespace access = carillon::access::v1;

constexpr const char* kAccess = "carillon.access.v1.AccessService/";
constexpr const char* kSwitch = "carillon.telephony.v1.SwitchService/";
constexpr const char* kCalls = "carillon.telephony.v1.CallService/";
constexpr const char* kSecret = "a secret of these tests only";
constexpr const char* kPassword = "lantern-copper-7431-orbit";

Call AnyCall(std::chrono::seconds limit = 20s) {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + limit;
  call.traceparent = obs::NewTraceparent();
  return call;
}

/// access and telephony as real processes; ivr, routing and campaign are addresses where nobody listens.
class Platform {
 public:
  Platform()
      : access("access", access_db_,
               {{"BOOTSTRAP_PASSWORD", kPassword},
                {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                {"SERVICES_SECRETS", std::string("telephony=") + kSecret + ",routing=" + kSecret}}),
        telephony(
            "telephony", db,
            {{"PEERS", "access=" + access.target() + ",ivr=127.0.0.1:" + std::to_string(testing::FreePort()) +
                           ",routing=127.0.0.1:" + std::to_string(testing::FreePort()) +
                           ",campaign=127.0.0.1:" + std::to_string(testing::FreePort())},
             {"AUTH_SECRET", kSecret},
             {"IVR_TIMEOUT_MS", "200"},
             {"ROUTING_TIMEOUT_MS", "200"}}) {
    rpc::Peer nobody(access.target(), {}, nullptr);
    admin_ = Login(nobody, "admin").access_token();
    for (const auto* role : {"SWITCH", "CSR"}) {
      access::CreateUserRequest request;
      request.mutable_user()->set_login(std::string("the-") + role);
      request.mutable_user()->add_roles(role);
      request.mutable_user()->set_all_clients(true);
      request.set_password(kPassword);
      request.set_permanent_password(true);
      rpc::Peer admin(access.target(), {}, [this](auto) -> Result<std::string> { return admin_; });
      admin.Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", request, 10s).value();
    }
    const auto tokens = Login(nobody, "the-SWITCH");
    switch_token_ = tokens.access_token();
    agent_token_ = Login(nobody, "the-CSR").access_token();
    access::IssueServiceTokenRequest service;
    service.set_service("routing");
    service.set_secret(kSecret);
    routing_token_ =
        nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "IssueServiceToken", service, 10s)
            .value()
            .access_token();
    rpc::Peer admin(access.target(), {}, [this](auto) -> Result<std::string> { return admin_; });
    tenant = admin
                 .Ask<access::ListTenantsResponse>(AnyCall(), std::string(kAccess) + "ListTenants",
                                                   access::ListTenantsRequest(), 10s)
                 .value()
                 .tenants(0)
                 .name()
                 .substr(8);
    line = std::make_unique<rpc::Peer>(telephony.target(), rpc::Tls{},
                                       [this](auto) -> Result<std::string> { return switch_token_; });
    agent = std::make_unique<rpc::Peer>(telephony.target(), rpc::Tls{},
                                        [this](auto) -> Result<std::string> { return agent_token_; });
    routing = std::make_unique<rpc::Peer>(telephony.target(), rpc::Tls{},
                                          [this](auto) -> Result<std::string> { return routing_token_; });
  }

  Result<pb::Call> Arrive(const std::string& switch_call_id, std::chrono::milliseconds limit = 15s) {
    pb::ReportCallArrivedRequest report;
    report.set_switch_call_id(switch_call_id);
    report.set_calling_number("+8613800001234");
    report.set_called_number("10000");
    report.set_trunk("E1-1");
    return line->Ask<pb::Call>(AnyCall(), std::string(kSwitch) + "ReportCallArrived", report, limit);
  }
  Result<pb::Call> HangUp(const std::string& call) {
    pb::ReportHangUpRequest report;
    report.set_call(call);
    report.set_party(pb::ReportHangUpRequest::CUSTOMER);
    return line->Ask<pb::Call>(AnyCall(), std::string(kSwitch) + "ReportHangUp", report, 15s);
  }
  Result<pb::Call> Get(const std::string& call) {
    pb::GetCallRequest request;
    request.set_name(call);
    return agent->Ask<pb::Call>(AnyCall(), std::string(kCalls) + "GetCall", request, 15s);
  }
  /// As routing does it: with a service's token, for the tenant.
  Result<pb::Call> ConnectAgent(const std::string& call) {
    pb::ConnectAgentRequest request;
    request.set_call(call);
    request.set_agent("agents/" + testing::SomeId());
    request.set_extension("8001");
    request.set_interaction("interactions/" + testing::SomeId());
    request.set_reservation("reservations/" + testing::SomeId());
    auto frame = AnyCall();
    frame.principal.tenant = tenant;
    return routing->Ask<pb::Call>(frame, std::string(kCalls) + "ConnectAgent", request, 15s);
  }
  std::string Look(const std::string& sql) {
    pqxx::connection connection(db.admin_url());
    return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
  }

  testing::Database access_db_{"access"};
  testing::Database db{"telephony"};
  testing::ServiceProcess access;
  testing::ServiceProcess telephony;
  std::unique_ptr<rpc::Peer> line, agent, routing;
  std::string tenant;

 private:
  static access::Tokens Login(rpc::Peer& peer, const std::string& login) {
    access::LoginRequest request;
    request.set_tenant("platform");
    request.set_login(login);
    request.set_password(kPassword);
    return peer.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", request, 10s).value();
  }
  std::string admin_, switch_token_, agent_token_, routing_token_;
};

Platform& ThePlatform() {
  static Platform platform;
  return platform;
}

/// A switch's stream: everything it was told, in order.
class Stream {
 public:
  explicit Stream(Platform& platform)
      : watching_(platform.line->Watch<pb::Directive>(
            AnyCall(120s), std::string(kSwitch) + "WatchDirectives", pb::WatchDirectivesRequest(),
            [this](const pb::Directive& directive) {
              const std::lock_guard lock(mutex_);
              told_.push_back(directive);
              changed_.notify_all();
            },
            [this](std::optional<Error>) {
              const std::lock_guard lock(mutex_);
              ended_ = true;
              changed_.notify_all();
            })) {}
  /// The directives of one call, once there are at least `n`.
  std::vector<pb::Directive> Of(const std::string& call, std::size_t n) {
    std::vector<pb::Directive> mine;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] {
      mine.clear();
      for (const auto& directive : told_)
        if (directive.call() == call) mine.push_back(directive);
      return mine.size() >= n || ended_;
    });
    return mine;
  }
  bool Ended() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return ended_; });
  }
  std::map<std::string, int> Counts() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> counts;
    for (const auto& directive : told_) ++counts[directive.call()];
    return counts;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<pb::Directive> told_;
  bool ended_ = false;
  std::unique_ptr<rpc::Watching> watching_;
};

TEST_CASE("a switch reports a call, is told what to do, and ends it", "[telephony][service]") {
  auto& platform = ThePlatform();
  Stream stream(platform);
  const auto call = platform.Arrive("plain").value();
  CHECK(call.state() == pb::Call::INITIATED);
  CHECK(call.calling_number().find("0000") == std::string::npos);  // a switch may not unmask
  auto told = stream.Of(call.name(), 1);
  REQUIRE(told.size() == 1);
  CHECK(told[0].version() == 1);
  CHECK(told[0].has_music());  // nobody answers for the menu: the caller waits
  CHECK(told[0].switch_call_id() == "plain");
  CHECK(platform.Arrive("plain").value().name() == call.name());

  const auto ringing = platform.ConnectAgent(call.name()).value();
  CHECK(ringing.state() == pb::Call::DELIVERED);
  told = stream.Of(call.name(), 2);
  REQUIRE(told.size() == 2);
  CHECK(told[1].connect().extension() == "8001");
  pb::ReportAgentLegRequest connected;
  connected.set_call(call.name());
  connected.set_leg(told[1].connect().leg());
  connected.set_state(pb::ReportAgentLegRequest::CONNECTED);
  CHECK(platform.line->Ask<pb::Call>(AnyCall(), std::string(kSwitch) + "ReportAgentLeg", connected, 15s)
            .value()
            .state() == pb::Call::ESTABLISHED);
  const auto over = platform.HangUp(call.name()).value();
  CHECK(over.state() == pb::Call::CLEARED);
  told = stream.Of(call.name(), 3);
  REQUIRE(told.size() == 3);
  CHECK(told[2].release().cause() == "CUSTOMER_HUNG_UP");

  pb::ListCallEventsRequest events;
  events.set_parent(call.name());
  const auto listed =
      platform.agent
          ->Ask<pb::ListCallEventsResponse>(AnyCall(), std::string(kCalls) + "ListCallEvents", events, 15s)
          .value();
  REQUIRE(listed.events_size() == 4);
  for (int i = 0; i < 4; ++i) CHECK(listed.events(i).sequence() == i + 1);
  CHECK(listed.events(3).type() == pb::CallEvent::CLEARED);
}

TEST_CASE("only a switch reports, only a service connects, and a malformed name is named",
          "[telephony][service]") {
  auto& platform = ThePlatform();
  pb::ReportCallArrivedRequest report;
  report.set_switch_call_id("x");
  report.set_called_number("10000");
  const auto refused =
      platform.agent->Ask<pb::Call>(AnyCall(), std::string(kSwitch) + "ReportCallArrived", report, 15s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kPermissionDenied);
  pb::ConnectAgentRequest connect;
  const auto denied =
      platform.line->Ask<pb::Call>(AnyCall(), std::string(kCalls) + "ConnectAgent", connect, 15s);
  CHECK(denied.error().code == Code::kPermissionDenied);
  const auto unknown = platform.Get("calls/" + testing::SomeId());
  CHECK(unknown.error().reason == "CALL_UNKNOWN");
  const auto malformed = platform.Get("call/1");
  REQUIRE(malformed.error().code == Code::kInvalidArgument);
  REQUIRE_FALSE(malformed.error().violations.empty());
  CHECK(malformed.error().violations[0].field == "name");
}

TEST_CASE(
    "killed between the report and the directive, telephony says after its return what it owes, once in "
    "effect",
    "[telephony][service]") {
  auto& platform = ThePlatform();
  const auto call = platform.Arrive("crash").value();  // acknowledged; no stream is open, so nothing was told
  platform.telephony.CrashAndRestart();
  {
    Stream stream(platform);
    const auto told = stream.Of(call.name(), 1);
    REQUIRE(told.size() == 1);
    CHECK(told[0].version() == 1);
    CHECK(told[0].has_music());
    CHECK(platform.Arrive("crash").value().name() == call.name());

    const auto ringing = platform.ConnectAgent(call.name()).value();
    platform.telephony.CrashAndRestart();
    CHECK(stream.Ended());
    Stream again(platform);
    const auto connect = again.Of(call.name(), 1);
    REQUIRE(connect.size() == 1);
    CHECK(connect[0].version() == 2);
    pb::ReportAgentLegRequest connected;
    connected.set_call(call.name());
    connected.set_leg(connect[0].connect().leg());
    connected.set_state(pb::ReportAgentLegRequest::CONNECTED);
    const auto report = [&] {
      return platform.line->Ask<pb::Call>(AnyCall(), std::string(kSwitch) + "ReportAgentLeg", connected, 15s)
          .value();
    };
    const auto established = report();
    platform.telephony.CrashAndRestart();
    CHECK(report().etag() == established.etag());  // the repeat of an acknowledged report changes nothing
    CHECK(platform.HangUp(call.name()).value().state() == pb::Call::CLEARED);
  }
  // What is owed to ivr and routing, who were away all the time, is still owed: start, connected, end of the
  // call.
  const auto id = call.name().substr(6);
  CHECK(platform.Look("SELECT count(*) FROM tasks WHERE key = '" + id + "' AND failed_at IS NULL") >= "3");
  CHECK(platform.Look("SELECT count(*) FROM tasks WHERE failed_at IS NOT NULL") == "0");
  CHECK(
      platform.Look("SELECT string_agg(split_part(type, '.', 4), ' ' ORDER BY id) FROM outbox WHERE key = '" +
                    id + "'") == "CallDelivered CallEstablished CallCleared");
}

TEST_CASE("killed in the middle of a rush, no acknowledged call is lost and none is there twice",
          "[telephony][service]") {
  auto& platform = ThePlatform();
  constexpr int kCallsInAll = 120;
  std::mutex mutex;
  std::map<std::string, std::string> acknowledged;  // the switch's id, ours
  {
    std::atomic<int> next{0};
    std::vector<std::jthread> lines;
    for (int thread = 0; thread < 4; ++thread)
      lines.emplace_back([&] {
        for (int i = next++; i < kCallsInAll; i = next++) {
          const auto id = "rush-" + std::to_string(i);
          // A switch repeats until it is answered.
          for (;;) {
            const auto call = platform.Arrive(id, 2s);
            if (!call) continue;
            const std::lock_guard lock(mutex);
            acknowledged[id] = call->name();
            break;
          }
        }
      });
    while (next.load() < kCallsInAll / 3) std::this_thread::yield();
    platform.telephony.CrashAndRestart();
    while (next.load() < 2 * kCallsInAll / 3) std::this_thread::yield();
    platform.telephony.CrashAndRestart();
  }
  REQUIRE(acknowledged.size() == kCallsInAll);
  std::set<std::string> names;
  for (const auto& [id, name] : acknowledged) names.insert(name);
  CHECK(names.size() == kCallsInAll);
  CHECK(platform.Look("SELECT count(*) FROM calls WHERE switch_call_id LIKE 'rush-%'") ==
        std::to_string(kCallsInAll));
  CHECK(platform.Look(
            "SELECT count(*) FROM outbox o JOIN calls c ON c.id::text = o.key WHERE c.switch_call_id LIKE "
            "'rush-%'") == std::to_string(kCallsInAll));
  Stream stream(platform);
  for (const auto& name : names) stream.Of(name, 1);
  const auto counts = stream.Counts();
  int wrong = 0;
  for (const auto& name : names) wrong += counts.count(name) == 1 && counts.at(name) == 1 ? 0 : 1;
  CHECK(wrong == 0);
  for (const auto& name : names) CHECK(platform.HangUp(name));
}

TEST_CASE("figures: from report to directive, and calls a second", "[.figures]") {
  // Run by hand: telephony_service_tests "[.figures]" (the test servers do not fsync).
  auto& platform = ThePlatform();
  Stream stream(platform);
  std::vector<double> ms;
  for (int i = 0; i < 300; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto call = platform.Arrive("figure-" + std::to_string(i)).value();
    REQUIRE(stream.Of(call.name(), 1).size() == 1);
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(ms.begin(), ms.end());
  constexpr int kTogether = 2000;
  std::atomic<int> next{0};
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> lines;
    for (int thread = 0; thread < 8; ++thread)
      lines.emplace_back([&] {
        for (int i = next++; i < kTogether; i = next++)
          if (const auto call = platform.Arrive("together-" + std::to_string(i)))
            (void)platform.HangUp(call->name());
      });
  }
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  WARN("report to directive: p50 " << ms[150] << " ms, p99 " << ms[297] << " ms; " << kTogether / seconds
                                   << " calls a second arrive and end on 8 lines");
  CHECK(ms[150] < 1000);
}

TEST_CASE("while campaign is away nobody is rung, and a wish outlives the process", "[telephony][service]") {
  auto& platform = ThePlatform();
  pb::OriginateCallRequest wish;
  wish.set_dial_token("a token that campaign would know");
  const auto originate = [&](rpc::Peer& as) {
    auto frame = AnyCall();
    frame.principal.tenant = platform.tenant;
    return as.Ask<pb::Call>(frame, std::string(kCalls) + "OriginateCall", wish, 15s);
  };
  CHECK(originate(*platform.agent).error().code == Code::kPermissionDenied);
  const auto call = originate(*platform.routing).value();
  CHECK(call.direction() == pb::Call::OUTBOUND);
  platform.telephony.CrashAndRestart();
  CHECK(originate(*platform.routing).value().name() == call.name());
  CHECK(platform.Look("SELECT count(*) FROM tasks WHERE key = '" + call.name().substr(6) + "'") == "1");

  pb::ReportAnsweredRequest answered;
  answered.set_call(call.name());
  CHECK(platform.line->Ask<pb::Call>(AnyCall(), std::string(kSwitch) + "ReportAnswered", answered, 15s)
            .error()
            .reason == "CALL_NOT_DIALLED");
  pb::ReleaseCallRequest release;
  release.set_name(call.name());
  release.set_cause(pb::Call::FORCED);
  auto frame = AnyCall();
  frame.principal.tenant = platform.tenant;
  const auto over = platform.routing->Ask<pb::Call>(frame, std::string(kCalls) + "ReleaseCall", release, 15s);
  CHECK(over.value().state() == pb::Call::FAILED);
  Stream stream(platform);
  const auto other = platform.Arrive("while campaign is away").value();
  REQUIRE(stream.Of(other.name(), 1).size() == 1);
  CHECK(stream.Counts().count(call.name()) == 0);  // no switch ever heard of it
  CHECK(platform.HangUp(other.name()));
}

TEST_CASE("a polite stop ends the streams, and a later start goes on", "[telephony][service]") {
  auto& platform = ThePlatform();
  const auto call = platform.Arrive("polite").value();
  Stream stream(platform);
  REQUIRE(stream.Of(call.name(), 1).size() == 1);
  platform.telephony.process().Kill(SIGTERM);
  CHECK(stream.Ended());
  platform.telephony.CrashAndRestart();
  CHECK(platform.Get(call.name()).value().state() == pb::Call::INITIATED);
  CHECK(platform.HangUp(call.name()));
}

}  // namespace
}  // namespace carillon::telephony
