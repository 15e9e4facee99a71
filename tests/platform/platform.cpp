#include "platform/platform.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "obs/log.hpp"

namespace carillon::testing {
namespace {

using namespace std::chrono_literals;
namespace access = carillon::access::v1;

constexpr const char* kAccess = "carillon.access.v1.AccessService/";
// Whoever may be asked by another.
constexpr const char* kEverybody[] = {"access",   "customer",  "telephony", "routing",   "ivr",
                                      "campaign", "workorder", "qa",        "knowledge", "insight"};

}  // namespace

kafka::Connection Brokers() {
  return {ServerSetting("CARILLON_TEST_KAFKA_BROKERS"), ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
          ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
}

Call AnyCall(const std::string& tenant) {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + 20s;
  call.traceparent = obs::NewTraceparent();
  call.principal.tenant = tenant;
  return call;
}

Platform::Platform(const std::vector<std::string>& services, const Settings& extra)
    : extra_(extra), instance_(SomeId()) {
  for (const auto* name : kEverybody) ports_[name] = FreePort();
  std::vector<std::string> order{"access"};
  for (const auto& name : services)
    if (name != "access") order.push_back(name);
  for (const auto& name : order) {
    if (!ports_.contains(name)) ports_[name] = FreePort();
    metrics_[name] = FreePort();
    databases_[name] = std::make_unique<Database>(name);
    processes_[name] =
        std::make_unique<ServiceProcess>(name, *databases_[name], SettingsOf(name), ports_[name]);
  }
  admin_token_ = Login("admin");
  const auto boss = As(admin_token_, "access");
  tenant = boss->Ask<access::ListTenantsResponse>(AnyCall(), std::string(kAccess) + "ListTenants",
                                                  access::ListTenantsRequest(), 15s)
               .value()
               .tenants(0)
               .name()
               .substr(8);
  client = boss->Ask<access::ListClientsResponse>(AnyCall(), std::string(kAccess) + "ListClients",
                                                  access::ListClientsRequest(), 15s)
               .value()
               .clients(0)
               .name();
}

std::map<std::string, std::string> Platform::SettingsOf(const std::string& service) const {
  std::string peers, secrets;
  for (const auto& [name, port] : ports_) {
    secrets += (secrets.empty() ? "" : ",") + name + "=" + kServiceSecret;
    if (name != service) peers += (peers.empty() ? "" : ",") + name + "=" + target(name);
  }
  const auto broker = Brokers();
  std::map<std::string, std::string> out{{"METRICS", "127.0.0.1:" + std::to_string(metrics_.at(service))},
                                         {"PEERS", peers},
                                         {"AUTH_SECRET", kServiceSecret},
                                         {"INSTANCE", service + "-" + instance_},
                                         {"KAFKA_BROKERS", broker.brokers},
                                         {"KAFKA_USERNAME", broker.username},
                                         {"KAFKA_PASSWORD", broker.password},
                                         {"REDIS_URL", ServerSetting("CARILLON_TEST_REDIS_URL")}};
  if (service == "access") {
    out["BOOTSTRAP_PASSWORD"] = kPassword;
    out["KEYS_MASTER"] = kMasterKey;
    out["SERVICES_SECRETS"] = secrets;
  } else if (service == "customer" || service == "campaign") {
    out["VAULT_KEYS"] = "t1:0123456789abcdef0123456789abcdef";
  }
  if (const auto it = extra_.find(service); it != extra_.end())
    for (const auto& [key, value] : it->second) out[key] = value;
  return out;
}

std::string Platform::target(const std::string& service) const {
  return "127.0.0.1:" + std::to_string(ports_.at(service));
}

std::vector<std::string> Platform::services() const {
  std::vector<std::string> out;
  for (const auto& [name, process] : processes_) out.push_back(name);
  return out;
}

std::string Platform::Metrics(const std::string& name) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(metrics_.at(name)));
  sockaddr generic{};
  std::memcpy(&generic, &to, sizeof generic);
  std::string out;
  if (::connect(fd, &generic, sizeof generic) == 0) {
    constexpr std::string_view kAsk = "GET /metrics HTTP/1.0\r\nConnection: close\r\n\r\n";
    static_cast<void>(::send(fd, kAsk.data(), kAsk.size(), MSG_NOSIGNAL));
    std::array<char, 4096> piece{};
    for (auto n = ::recv(fd, piece.data(), piece.size(), 0); n > 0;
         n = ::recv(fd, piece.data(), piece.size(), 0))
      out.append(piece.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  return out;
}

std::string Platform::Login(const std::string& login, const std::string& slug) {
  access::LoginRequest in;
  in.set_tenant(slug);
  in.set_login(login);
  in.set_password(kPassword);
  const auto tokens =
      As("", "access")->Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", in, 15s);
  if (!tokens) throw std::runtime_error(login + " cannot log in: " + tokens.error().message);
  return tokens->access_token();
}

std::string Platform::ServiceToken(const std::string& service) {
  access::IssueServiceTokenRequest in;
  in.set_service(service);
  in.set_secret(kServiceSecret);
  return As("", "access")
      ->Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "IssueServiceToken", in, 15s)
      .value()
      .access_token();
}

std::unique_ptr<rpc::Peer> Platform::As(const std::string& token, const std::string& service) const {
  if (token.empty()) return std::make_unique<rpc::Peer>(target(service), rpc::Tls{}, nullptr);
  return std::make_unique<rpc::Peer>(target(service), rpc::Tls{},
                                     [token](auto) -> Result<std::string> { return token; });
}

std::string Platform::Hire(const std::string& login, const std::vector<std::string>& roles) {
  access::CreateUserRequest in;
  in.mutable_user()->set_login(login);
  in.mutable_user()->set_all_clients(true);
  for (const auto& role : roles) in.mutable_user()->add_roles(role);
  in.set_password(kPassword);
  in.set_permanent_password(true);
  const auto made =
      As(admin_token_, "access")->Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", in, 15s);
  if (!made) throw std::runtime_error(login + " cannot be hired: " + made.error().message);
  return Login(login);
}

}  // namespace carillon::testing
