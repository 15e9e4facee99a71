#pragma once
#include <google/protobuf/empty.pb.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <pqxx/pqxx>
#include <thread>

#include "carillon/access/v1/access_service.pb.h"
#include "carillon/routing/v1/agent_service.pb.h"
#include "carillon/routing/v1/interaction_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "obs/log.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

/// access and routing as real processes, people with desks, and on demand the lines they speak on.
namespace carillon::routing {

using namespace std::chrono_literals;
namespace pb = carillon::routing::v1;
namespace access = carillon::access::v1;

inline constexpr const char* kAccess = "carillon.access.v1.AccessService/";
inline constexpr const char* kWork = "carillon.routing.v1.InteractionService/";
inline constexpr const char* kDesk = "carillon.routing.v1.AgentService/";
inline constexpr const char* kRules = "carillon.routing.v1.QueueService/";
inline constexpr const char* kSecret = "a secret of these tests only";
inline constexpr const char* kPassword = "lantern-copper-7431-orbit";

inline Call AnyCall(std::chrono::seconds limit = 30s) {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + limit;
  call.traceparent = obs::NewTraceparent();
  return call;
}

inline std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

/// For the threads of a test, where Catch's assertions must not be used: what cannot fail stops the test
/// loudly.
template <class T>
void Must(const Result<T>& done) {
  if (done) return;
  obs::LogError("a step of the test failed",
                {{"reason", done.error().reason}, {"detail", done.error().message}});
  CARILLON_CHECK(done.has_value());
}

/// An agent with a login and a line to routing.
struct Person {
  std::string id, token;
  std::unique_ptr<rpc::Peer> line;
};

/// access and routing as real processes; telephony is an address where nobody listens, unless one is said.
class Platform {
 public:
  explicit Platform(const std::string& telephony = "127.0.0.1:" + std::to_string(testing::FreePort()))
      : access("access", access_db_,
               {{"BOOTSTRAP_PASSWORD", kPassword},
                {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                {"SERVICES_SECRETS",
                 std::string("ivr=") + kSecret + ",routing=" + kSecret + ",telephony=" + kSecret}}),
        routing("routing", db,
                {{"PEERS", "access=" + access.target() + ",telephony=" + telephony},
                 {"AUTH_SECRET", kSecret},
                 {"JOURNAL_SNAPSHOT_EVERY", "100"},
                 {"TELEPHONY_TIMEOUT_MS", "100"}}) {
    rpc::Peer nobody(access.target(), {}, nullptr);
    admin_token_ = Login(nobody, "admin");
    rpc::Peer admin(access.target(), {}, [this](auto) -> Result<std::string> { return admin_token_; });
    for (int i = 0; i < 4; ++i) {
      access::CreateUserRequest request;
      request.mutable_user()->set_login("agent-" + std::to_string(i));
      request.mutable_user()->add_roles(i == 3 ? "TEAM_LEADER" : "CSR");  // the last leads the others
      request.mutable_user()->set_all_clients(true);
      request.set_password(kPassword);
      request.set_permanent_password(true);
      const auto user =
          admin.Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", request, 15s).value();
      auto& person = people.emplace_back();
      person.id = IdOf(user.name());
      person.token = Login(nobody, user.login());
      person.line =
          std::make_unique<rpc::Peer>(routing.target(), rpc::Tls{},
                                      [token = person.token](auto) -> Result<std::string> { return token; });
    }
    access::IssueServiceTokenRequest service;
    service.set_service("ivr");
    service.set_secret(kSecret);
    ivr_token_ =
        nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "IssueServiceToken", service, 15s)
            .value()
            .access_token();
    tenant = IdOf(admin
                      .Ask<access::ListTenantsResponse>(AnyCall(), std::string(kAccess) + "ListTenants",
                                                        access::ListTenantsRequest(), 15s)
                      .value()
                      .tenants(0)
                      .name());
    client = admin
                 .Ask<access::ListClientsResponse>(AnyCall(), std::string(kAccess) + "ListClients",
                                                   access::ListClientsRequest(), 15s)
                 .value()
                 .clients(0)
                 .name();
    boss = std::make_unique<rpc::Peer>(routing.target(), rpc::Tls{},
                                       [this](auto) -> Result<std::string> { return admin_token_; });
    ivr = std::make_unique<rpc::Peer>(routing.target(), rpc::Tls{},
                                      [this](auto) -> Result<std::string> { return ivr_token_; });
    Furnish();
  }

  Call AsService() const {
    auto call = AnyCall();
    call.principal.tenant = tenant;
    return call;
  }
  Result<pb::Interaction> Ring(const std::string& request_id) {
    pb::CreateInteractionRequest request;
    request.mutable_interaction()->set_queue("queues/business");
    request.mutable_interaction()->set_call("calls/" + testing::SomeId());
    request.set_request_id(request_id);
    return ivr->Ask<pb::Interaction>(AsService(), std::string(kWork) + "CreateInteraction", request, 20s);
  }
  Result<pb::Interaction> End(const std::string& name) {
    pb::ReportMediaEndedRequest request;
    request.set_name(name);
    request.set_party("CUSTOMER");
    return ivr->Ask<pb::Interaction>(AsService(), std::string(kWork) + "ReportMediaEnded", request, 20s);
  }
  const std::string& ServiceToken() const { return ivr_token_; }
  template <class T>
  Result<T> As(Person& person, const std::string& method, const google::protobuf::Message& request) {
    return person.line->Ask<T>(AnyCall(), kDesk + method, request, 20s);
  }
  std::string Look(const std::string& sql) {
    pqxx::connection connection(db.admin_url());
    return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
  }

  testing::Database access_db_{"access"};
  testing::Database db{"routing"};
  testing::ServiceProcess access;
  testing::ServiceProcess routing;
  std::vector<Person> people;
  std::unique_ptr<rpc::Peer> boss, ivr;
  std::string tenant, client;

 protected:
  static std::string Login(rpc::Peer& peer, const std::string& login) {
    access::LoginRequest request;
    request.set_tenant("platform");
    request.set_login(login);
    request.set_password(kPassword);
    return peer.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", request, 15s)
        .value()
        .access_token();
  }
  void Furnish() {
    pb::CreateQueueRequest queue;
    queue.mutable_queue()->set_code("business");
    queue.mutable_queue()->set_client(client);
    queue.mutable_queue()->mutable_offer_timeout()->set_seconds(3600);
    queue.mutable_queue()->mutable_wrap_up()->set_seconds(3600);
    boss->Ask<pb::Queue>(AnyCall(), std::string(kRules) + "CreateQueue", queue, 15s).value();
    pb::CreateRoutingProfileRequest profile;
    profile.mutable_routing_profile()->set_code("all");
    profile.mutable_routing_profile()->add_entries()->set_queue("queues/business");
    boss->Ask<pb::RoutingProfile>(AnyCall(), std::string(kRules) + "CreateRoutingProfile", profile, 15s)
        .value();
    profile.mutable_routing_profile()->set_code("none");
    profile.mutable_routing_profile()->clear_entries();
    boss->Ask<pb::RoutingProfile>(AnyCall(), std::string(kRules) + "CreateRoutingProfile", profile, 15s)
        .value();
    for (const auto& person : people) {
      pb::CreateAgentRequest agent;
      agent.mutable_agent()->set_user("users/" + person.id);
      agent.mutable_agent()->set_code("A" + person.id.substr(30));
      agent.mutable_agent()->set_routing_profile("routingProfiles/all");
      boss->Ask<pb::Agent>(AnyCall(), std::string(kRules) + "CreateAgent", agent, 15s).value();
    }
  }
  std::string admin_token_, ivr_token_;
};

/// A desk's stream that opens itself again: the latest of what it was told.
class DeskStream {
 public:
  explicit DeskStream(Person& person) : person_(person) { Open(); }
  /// The desk once it pleases; opens the stream again when it ended meanwhile. nullopt after `limit`.
  std::optional<pb::Desk> Await(const std::function<bool(const pb::Desk&)>& pleases,
                                std::chrono::milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      bool again = false;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, until, [&] { return ended_ || (has_ && pleases(latest_)); }))
          return std::nullopt;
        if (has_ && pleases(latest_)) return latest_;
        again = ended_;
      }
      if (again) {
        std::this_thread::sleep_for(20ms);  // a desk does not hammer a server that is away
        Open();
      }
    }
  }

 private:
  void Open() {
    watching_.reset();
    {
      const std::lock_guard lock(mutex_);
      ended_ = false;
      has_ = false;
    }
    watching_ = person_.line->Watch<pb::Desk>(
        AnyCall(120s), std::string(kDesk) + "WatchDesk", pb::WatchDeskRequest(),
        [this](const pb::Desk& desk) {
          const std::lock_guard lock(mutex_);
          latest_ = desk;
          has_ = true;
          changed_.notify_all();
        },
        [this](std::optional<Error>) {
          const std::lock_guard lock(mutex_);
          ended_ = true;
          changed_.notify_all();
        });
  }
  Person& person_;
  std::mutex mutex_;
  std::condition_variable changed_;
  pb::Desk latest_;
  bool has_ = false;
  bool ended_ = false;
  std::unique_ptr<rpc::Watching> watching_;
};

}  // namespace carillon::routing
