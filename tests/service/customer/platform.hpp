#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "carillon/access/v1/access_service.pb.h"
#include "carillon/customer/v1/customer_service.pb.h"
#include "kafka/kafka.hpp"
#include "obs/log.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

/// access and customer as real processes, and who asks them.
namespace carillon::customer {

using namespace std::chrono_literals;
namespace pb = carillon::customer::v1;
namespace access = carillon::access::v1;

inline constexpr const char* kAccess = "carillon.access.v1.AccessService/";
inline constexpr const char* kCustomers = "carillon.customer.v1.CustomerService/";
inline constexpr const char* kSecret = "a secret of these tests only";
inline constexpr const char* kPassword = "lantern-copper-7431-orbit";

inline Call AnyCall(const std::string& tenant = "") {
  Call call;
  call.deadline = std::chrono::steady_clock::now() + 20s;
  call.traceparent = obs::NewTraceparent();
  call.principal.tenant = tenant;
  return call;
}

inline kafka::Connection Brokers() {
  return {testing::ServerSetting("CARILLON_TEST_KAFKA_BROKERS"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_USERNAME"),
          testing::ServerSetting("CARILLON_TEST_KAFKA_PASSWORD")};
}

/// access and customer as real processes over real servers.
class Platform {
 public:
  Platform()
      : access("access", access_db_,
               {{"BOOTSTRAP_PASSWORD", kPassword},
                {"KEYS_MASTER", "0123456789abcdef0123456789abcdef"},
                {"SERVICES_SECRETS",
                 std::string("customer=") + kSecret + ",ivr=" + kSecret + ",campaign=" + kSecret}}),
        service("customer", db, Settings()) {
    rpc::Peer nobody(access.target(), {}, nullptr);
    admin_token_ = Login(nobody, "admin");
    rpc::Peer boss(access.target(), {}, [this](auto) -> Result<std::string> { return admin_token_; });
    access::CreateUserRequest user;
    user.mutable_user()->set_login("seat-12");
    user.mutable_user()->add_roles("CSR");
    user.mutable_user()->set_all_clients(true);
    user.set_password(kPassword);
    user.set_permanent_password(true);
    boss.Ask<access::User>(AnyCall(), std::string(kAccess) + "CreateUser", user, 10s).value();
    agent_token_ = Login(nobody, "seat-12");
    ivr_token_ = ServiceToken(nobody, "ivr");
    campaign_token_ = ServiceToken(nobody, "campaign");
    tenant = boss.Ask<access::ListTenantsResponse>(AnyCall(), std::string(kAccess) + "ListTenants",
                                                   access::ListTenantsRequest(), 10s)
                 .value()
                 .tenants(0)
                 .name()
                 .substr(8);
    admin = std::make_unique<rpc::Peer>(service.target(), rpc::Tls{},
                                        [this](auto) -> Result<std::string> { return admin_token_; });
    agent = std::make_unique<rpc::Peer>(service.target(), rpc::Tls{},
                                        [this](auto) -> Result<std::string> { return agent_token_; });
    ivr = std::make_unique<rpc::Peer>(service.target(), rpc::Tls{},
                                      [this](auto) -> Result<std::string> { return ivr_token_; });
    campaign = std::make_unique<rpc::Peer>(service.target(), rpc::Tls{},
                                           [this](auto) -> Result<std::string> { return campaign_token_; });
  }

  /// Of one more process of the service; `keys` seal.
  std::map<std::string, std::string> Settings(
      const std::string& keys = "t1:0123456789abcdef0123456789abcdef") const {
    return {{"PEERS", "access=" + access.target()},
            {"AUTH_SECRET", kSecret},
            {"INSTANCE", "customer-" + testing::SomeId()},
            {"REDIS_URL", testing::ServerSetting("CARILLON_TEST_REDIS_URL")},
            {"KAFKA_BROKERS", Brokers().brokers},
            {"KAFKA_USERNAME", Brokers().username},
            {"KAFKA_PASSWORD", Brokers().password},
            {"VAULT_KEYS", keys}};
  }
  /// The same people, asking another process.
  std::unique_ptr<rpc::Peer> AdminOf(const testing::ServiceProcess& other) {
    return std::make_unique<rpc::Peer>(other.target(), rpc::Tls{},
                                       [this](auto) -> Result<std::string> { return admin_token_; });
  }
  std::unique_ptr<rpc::Peer> IvrOf(const testing::ServiceProcess& other) {
    return std::make_unique<rpc::Peer>(other.target(), rpc::Tls{},
                                       [this](auto) -> Result<std::string> { return ivr_token_; });
  }

  template <class Response, class Request>
  Result<Response> Ask(rpc::Peer& as, const std::string& method, const Request& request) {
    return as.Ask<Response>(AnyCall(&as == ivr.get() || &as == campaign.get() ? tenant : ""),
                            kCustomers + method, request, 15s);
  }
  Result<pb::Customer> Create(rpc::Peer& as, const std::string& name, const std::string& number) {
    pb::CreateCustomerRequest request;
    request.mutable_customer()->mutable_person()->set_full_name(name);
    auto& medium = *request.mutable_customer()->add_contacts();
    medium.set_type(pb::ContactMedium::MOBILE);
    medium.set_number(number);
    request.set_request_id(testing::SomeId());
    return Ask<pb::Customer>(as, "CreateCustomer", request);
  }
  Result<pb::LookUpCallerResponse> LookUp(const std::string& number) {
    pb::LookUpCallerRequest request;
    request.set_phone_number(number);
    return Ask<pb::LookUpCallerResponse>(*ivr, "LookUpCaller", request);
  }

  testing::Database access_db_{"access"};
  testing::Database db{"customer"};
  testing::ServiceProcess access;
  testing::ServiceProcess service;
  std::unique_ptr<rpc::Peer> admin, agent, ivr, campaign;
  std::string tenant;

 private:
  static std::string Login(rpc::Peer& nobody, const std::string& login) {
    access::LoginRequest request;
    request.set_tenant("platform");
    request.set_login(login);
    request.set_password(kPassword);
    return nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "Login", request, 10s)
        .value()
        .access_token();
  }
  static std::string ServiceToken(rpc::Peer& nobody, const std::string& service) {
    access::IssueServiceTokenRequest issue;
    issue.set_service(service);
    issue.set_secret(kSecret);
    return nobody.Ask<access::Tokens>(AnyCall(), std::string(kAccess) + "IssueServiceToken", issue, 10s)
        .value()
        .access_token();
  }
  std::string admin_token_, agent_token_, ivr_token_, campaign_token_;
};

inline Platform& ThePlatform() {
  static Platform platform;
  return platform;
}

}  // namespace carillon::customer
