// Whole paths through the services of a running platform, each beside its limit measured in the same run.
//
//   carillon-bench-services [--seconds S] [--customers N] [--commits C]     C: one-row commits a second by
//   pgbench
//
// Where the platform is comes by environment: BENCH_<SERVICE> (host:port), BENCH_TLS_CA/_CERT/_KEY,
// BENCH_PASSWORD (of the platform's administrator), BENCH_SECRET (telephony's, to bring work to routing).

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <vector>

#include "bench/measure.hpp"
#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "carillon/routing/v1/agent_service.pb.h"
#include "carillon/routing/v1/interaction_service.pb.h"
#include "carillon/routing/v1/queue_service.pb.h"
#include "carillon/workorder/v1/workorder_service.pb.h"
#include "obs/log.hpp"

namespace carillon::bench {
namespace {

using namespace std::chrono_literals;
namespace access = carillon::access::v1;
namespace customer = carillon::customer::v1;
namespace routing = carillon::routing::v1;
namespace workorder = carillon::workorder::v1;

constexpr int kCallers = 8;
constexpr const char* kPassword = "lantern-copper-7431-orbit";

/// Somebody with a token, and a line to each service.
class User {
 public:
  User(std::string token, std::string tenant = {}) : token_(std::move(token)), tenant_(std::move(tenant)) {}

  template <class Response>
  Result<Response> Ask(const std::string& service, const std::string& method,
                       const google::protobuf::Message& request) {
    return Line(service).Ask<Response>(NewCall(), method, request, 20s);
  }
  Call NewCall() const {
    Call call;
    call.deadline = std::chrono::steady_clock::now() + 30s;
    call.traceparent = obs::NewTraceparent();
    call.principal.tenant = tenant_;
    return call;
  }
  rpc::Peer& Line(const std::string& service) {
    const std::lock_guard lock(mutex_);
    auto& line = lines_[service];
    if (!line)
      line = std::make_unique<rpc::Peer>(
          Environment(service), Certificates(),
          token_.empty() ? rpc::Token() : [token = token_](auto) -> Result<std::string> { return token; });
    return *line;
  }

 private:
  std::string token_, tenant_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<rpc::Peer>> lines_;
};

std::string Login(const std::string& login, const std::string& password) {
  access::LoginRequest in;
  in.set_tenant("platform");
  in.set_login(login);
  in.set_password(password);
  return User("")
      .Ask<access::Tokens>("ACCESS", "carillon.access.v1.AccessService/Login", in)
      .value()
      .access_token();
}

/// The platform's first tenant with its administrator.
struct House {
  User admin{Login("admin", Environment("PASSWORD"))};
  std::string tenant, client;
  House() {
    tenant = admin
                 .Ask<access::ListTenantsResponse>("ACCESS", "carillon.access.v1.AccessService/ListTenants",
                                                   access::ListTenantsRequest())
                 .value()
                 .tenants(0)
                 .name()
                 .substr(8);
    client = admin
                 .Ask<access::ListClientsResponse>("ACCESS", "carillon.access.v1.AccessService/ListClients",
                                                   access::ListClientsRequest())
                 .value()
                 .clients(0)
                 .name();
  }
  std::string ServiceToken() {
    access::IssueServiceTokenRequest in;
    in.set_service("telephony");
    in.set_secret(Environment("SECRET"));
    return User("")
        .Ask<access::Tokens>("ACCESS", "carillon.access.v1.AccessService/IssueServiceToken", in)
        .value()
        .access_token();
  }
};

std::string NumberOf(int n) {
  char number[16];
  std::snprintf(number, sizeof number, "+86138%08d", n);
  return number;
}

void LookUps(House& house, int customers) {
  constexpr int kChunk = 1000;
  for (int from = 0; from < customers; from += kChunk) {
    customer::ImportCustomersRequest in;
    in.set_client(house.client);
    for (int n = from; n < std::min(from + kChunk, customers); ++n) {
      auto& one = *in.add_customers();
      one.mutable_person()->set_full_name("王" + std::to_string(n));
      auto& phone = *one.add_contacts();
      phone.set_type(customer::ContactMedium::MOBILE);
      phone.set_number(NumberOf(n));
      one.mutable_source()->set_system("bench");
      one.mutable_source()->set_key(std::to_string(n));
    }
    in.set_request_id(Fresh());
    house.admin
        .Ask<customer::ImportCustomersResponse>("CUSTOMER",
                                                "carillon.customer.v1.CustomerService/ImportCustomers", in)
        .value();
    if (from % (10 * kChunk) == 0) {
      std::fprintf(stderr, "\r%d of %d customers", from, customers);
      std::fflush(stderr);
    }
  }
  std::fprintf(stderr, "\r%d customers            \n", customers);
  // As the menu asks: with a service's token.
  User menu(house.ServiceToken(), house.tenant);
  std::vector<std::mt19937> dice;
  for (unsigned i = 0; i < kCallers; ++i) dice.emplace_back(7 + i);
  const auto measure = [&](int spread) {
    return PerSecond(kCallers, [&](int i) {
      customer::LookUpCallerRequest in;
      in.set_phone_number(
          NumberOf(std::uniform_int_distribution<int>(0, spread - 1)(dice[static_cast<std::size_t>(i)])));
      const auto found = menu.Ask<customer::LookUpCallerResponse>(
          "CUSTOMER", "carillon.customer.v1.CustomerService/LookUpCaller", in);
      return found && found->result() == customer::LookUpCallerResponse::ONE;
    });
  };
  const auto data = std::to_string(customers) + " customers, 8 callers, ";
  const double anybody = measure(customers), known = measure(std::min(customers, 1000));
  const double like = EchoServer::Ours(Certificates())->Measure(), bare = EchoServer::Bare()->Measure();
  Print("LookUpCaller", data + "any of them", anybody, "echo, same TLS, token, client", like);
  Print("LookUpCaller", data + "any of them", anybody, "bare gRPC echo", bare);
  Print("LookUpCaller", data + "1,000 of them", known, "echo, same TLS, token, client", like);
}

/// An agent at a desk with a queue of its own, so that its thread knows whose offer comes.
class AgentDesk {
 public:
  AgentDesk(House& house, int number) : code_("bench-" + std::to_string(number) + "-" + Fresh().substr(28)) {
    routing::CreateQueueRequest queue;
    queue.mutable_queue()->set_code(code_);
    queue.mutable_queue()->set_display_name(code_);
    queue.mutable_queue()->set_client(house.client);
    queue.set_request_id(Fresh());
    queue_ = house.admin.Ask<routing::Queue>("ROUTING", kQueues + "CreateQueue", queue).value().name();
    routing::CreateRoutingProfileRequest profile;
    profile.mutable_routing_profile()->set_code(code_);
    profile.mutable_routing_profile()->set_display_name(code_);
    profile.mutable_routing_profile()->add_entries()->set_queue(queue_);
    profile.set_request_id(Fresh());
    house.admin.Ask<routing::RoutingProfile>("ROUTING", kQueues + "CreateRoutingProfile", profile).value();
    access::CreateUserRequest user;
    user.mutable_user()->set_login(code_);
    user.mutable_user()->set_display_name(code_);
    user.mutable_user()->set_all_clients(true);
    user.mutable_user()->add_roles("CSR");
    user.set_password(kPassword);
    user.set_permanent_password(true);
    user.set_request_id(Fresh());
    const auto made =
        house.admin.Ask<access::User>("ACCESS", "carillon.access.v1.AccessService/CreateUser", user).value();
    routing::CreateAgentRequest agent;
    agent.mutable_agent()->set_user(made.name());
    agent.mutable_agent()->set_code(code_);
    agent.mutable_agent()->set_display_name(code_);
    agent.mutable_agent()->set_routing_profile("routingProfiles/" + code_);
    agent.set_request_id(Fresh());
    house.admin.Ask<routing::Agent>("ROUTING", kQueues + "CreateAgent", agent).value();
    self_ = std::make_unique<User>(Login(code_, kPassword));
    routing::SignInRequest in;
    in.set_seat(code_);
    in.set_extension(std::to_string(8000 + number));
    in.set_request_id(Fresh());
    self_->Ask<routing::AgentSession>("ROUTING", kAgents + "SignIn", in).value();
    watch_ = self_->Line("ROUTING").Watch<routing::Desk>(
        self_->NewCall(), kAgents + "WatchDesk", routing::WatchDeskRequest(),
        [this](const routing::Desk& desk) {
          const std::lock_guard lock(mutex_);
          desk_ = desk;
          changed_.notify_all();
        },
        [](std::optional<Error>) {});
    routing::SetStatusRequest status;
    status.set_status(routing::READY);
    status.set_request_id(Fresh());
    self_->Ask<routing::AgentSession>("ROUTING", kAgents + "SetStatus", status).value();
  }

  /// Brought, offered on the desk's stream, accepted, ended, completed.
  bool Cycle(User& telephony) {
    routing::CreateInteractionRequest create;
    create.mutable_interaction()->set_queue(queue_);
    create.set_request_id(Fresh());
    const auto made = telephony.Ask<routing::Interaction>("ROUTING", kWork + "CreateInteraction", create);
    if (!made) return false;
    routing::AcceptReservationRequest accept;
    {
      std::unique_lock lock(mutex_);
      const bool offered = changed_.wait_for(lock, 10s, [&] {
        return desk_.offers_size() > 0 && desk_.offers(0).interaction().name() == made->name();
      });
      if (!offered) return false;
      accept.set_name(desk_.offers(0).reservation().name());
      accept.set_version(desk_.offers(0).reservation().version());
    }
    accept.set_request_id(Fresh());
    if (!self_->Ask<routing::Interaction>("ROUTING", kAgents + "AcceptReservation", accept)) return false;
    routing::ReportMediaEndedRequest ended;
    ended.set_name(made->name());
    ended.set_party("CUSTOMER");
    ended.set_request_id(Fresh());
    if (!telephony.Ask<routing::Interaction>("ROUTING", kWork + "ReportMediaEnded", ended)) return false;
    routing::CompleteInteractionRequest complete;
    complete.set_name(made->name());
    complete.set_disposition("RESOLVED");
    complete.set_request_id(Fresh());
    return self_->Ask<routing::Interaction>("ROUTING", kAgents + "CompleteInteraction", complete).has_value();
  }

 private:
  inline static const std::string kQueues = "carillon.routing.v1.QueueService/";
  inline static const std::string kAgents = "carillon.routing.v1.AgentService/";
  inline static const std::string kWork = "carillon.routing.v1.InteractionService/";
  std::string code_, queue_;
  std::unique_ptr<User> self_;
  std::mutex mutex_;
  std::condition_variable changed_;
  routing::Desk desk_;
  std::unique_ptr<rpc::Watching> watch_;
};

void LifeCycles(House& house) {
  User telephony(house.ServiceToken(), house.tenant);
  std::vector<std::unique_ptr<AgentDesk>> desks;
  for (int i = 0; i < kCallers; ++i) desks.push_back(std::make_unique<AgentDesk>(house, i));
  const double ours =
      PerSecond(kCallers, [&](int i) { return desks[static_cast<std::size_t>(i)]->Cycle(telephony); });
  Print("interaction life cycles", "8 agents: create, offer, accept, end, complete", ours, "bare gRPC echo",
        EchoServer::Bare()->Measure());
}

void Orders(House& house, double commits) {
  const double ours = PerSecond(kCallers, [&](int) {
    workorder::CreateWorkOrderRequest in;
    in.mutable_work_order()->set_type(workorder::WorkOrder::COMPLAINT);
    in.mutable_work_order()->set_client(house.client);
    in.mutable_work_order()->set_contact_number("+8613800137712");
    in.mutable_work_order()->set_contact_name("黄志强");
    in.set_request_id(Fresh());
    return house.admin
        .Ask<workorder::WorkOrder>("WORKORDER", "carillon.workorder.v1.WorkOrderService/CreateWorkOrder", in)
        .has_value();
  });
  Print("order creation", "8 callers: order, history, event, audit, answer", ours,
        "one-row commits (pgbench)", commits);
}

}  // namespace
}  // namespace carillon::bench

int main(int argc, char** argv) {
  using namespace carillon::bench;
  ReadArguments(argc, argv);
  int customers = 100'000;
  double commits = 0;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string(argv[i]) == "--customers") customers = std::atoi(argv[i + 1]);
    if (std::string(argv[i]) == "--commits") commits = std::strtod(argv[i + 1], nullptr);
  }
  House house;
  LookUps(house, customers);
  LifeCycles(house);
  Orders(house, commits);
  return Verdict();
}
