#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "carillon/access/v1/access_service.pb.h"
#include "kafka/kafka.hpp"
#include "rpc/peer.hpp"
#include "testing/database.hpp"

/// Several services at once, as real processes that know each other.
namespace carillon::testing {

/// The password of everybody a Platform makes.
constexpr const char* kPassword = "lantern-copper-7431-orbit";
/// What access seals its signing keys with.
constexpr const char* kMasterKey = "0123456789abcdef0123456789abcdef";
/// The secret of every service at access.
constexpr const char* kServiceSecret = "a secret of these tests only";

/// The broker of the fixture.
kafka::Connection Brokers();

/// A call of nobody in particular with twenty seconds to live; `tenant` is for services' tokens only.
Call AnyCall(const std::string& tenant = "");

/// access and the services named, each over its own fresh database, started in that order. A peer that is not
/// among them is an address where nobody listens.
class Platform {
 public:
  /// Settings of one service beside the usual ones, keys as in ServiceProcess.
  using Settings = std::map<std::string, std::map<std::string, std::string>>;
  explicit Platform(const std::vector<std::string>& services, const Settings& extra = {});

  /// Settings a service gets here; for another process in its place.
  std::map<std::string, std::string> SettingsOf(const std::string& service) const;
  Database& database(const std::string& service) { return *databases_.at(service); }
  ServiceProcess& service(const std::string& name) { return *processes_.at(name); }
  std::string target(const std::string& service) const;
  int port(const std::string& service) const { return ports_.at(service); }
  std::vector<std::string> services() const;
  /// What the service's /metrics says now.
  std::string Metrics(const std::string& service) const;

  /// A token got by logging in; throws what access said.
  std::string Login(const std::string& login, const std::string& tenant = "platform");
  std::string ServiceToken(const std::string& service);
  /// The first tenant's administrator.
  const std::string& admin_token() const { return admin_token_; }
  /// A line to a service that carries `token`; empty = none.
  std::unique_ptr<rpc::Peer> As(const std::string& token, const std::string& service) const;
  /// An account of the first tenant that serves all clients; its token.
  std::string Hire(const std::string& login, const std::vector<std::string>& roles);

  /// The first tenant: its uuid and the name of its first client.
  std::string tenant, client;

 private:
  Settings extra_;
  std::map<std::string, int> ports_, metrics_;
  std::map<std::string, std::unique_ptr<Database>> databases_;
  std::map<std::string, std::unique_ptr<ServiceProcess>> processes_;
  std::string instance_, admin_token_;
};

}  // namespace carillon::testing
