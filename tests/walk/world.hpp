#pragma once
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "contracts.hpp"
#include "crypto/token.hpp"
#include "platform/platform.hpp"
#include "wire.hpp"

/// Two tenants that live side by side on the real services, each with rows in every table its API can fill.
namespace carillon::walk {

using Json = nlohmann::json;

/// An operating organisation with two served enterprises and its people.
struct Tenant {
  std::string mark;                      ///< its slug; begins every text it writes
  std::string id;                        ///< uuid
  std::string admin;                     ///< token of its administrator
  std::string all;                       ///< token: every permission a tenant can grant, every client
  std::string one;                       ///< token: the same permissions, the first client only
  std::string second;                    ///< token of another administrator, for what needs two people
  std::vector<std::string> clients;      ///< clients/{uuid}
  std::vector<std::string> permissions;  ///< of `all`
  std::map<std::string, std::vector<std::string>> names;  ///< collection -> names, in the order they were met
};

/// An event that was put on a topic, and the services that read the topic.
struct SentEvent {
  std::string topic, type, id;
  std::vector<std::string> readers;
};

class World {
 public:
  static World& The();
  testing::Platform& platform() { return *platform_; }
  /// The services that run here: those of the contracts that are built.
  const std::vector<std::string>& services() const { return services_; }
  Tenant& ours() { return ours_; }      ///< A
  Tenant& theirs() { return theirs_; }  ///< B
  const Line& line(const std::string& service) { return *lines_.at(service); }

  Answer Ask(const Method& method, const protobuf::Message& request, const std::string& token,
             const std::string& tenant = "");
  /// A JSON request to "carillon.x.v1.Service/Method"; throws when it is refused. Names in the answer become
  /// names of `who`.
  Json Do(Tenant& who, const std::string& token, const std::string& method, const Json& request);
  /// The same as a service of the platform.
  Json DoAsService(Tenant& who, const std::string& service, const std::string& method, const Json& request);
  /// Notes every resource name in an answer.
  static void Harvest(Tenant& who, const Json& answer);

  /// Puts one event of every type of every topic somebody reads: of `tenant`, naming the things of `named`.
  std::vector<SentEvent> Announce(const std::string& tenant, const Tenant& named);
  /// Until the services that read them are done with them.
  void AwaitEvents(const std::vector<SentEvent>& events);

  /// Signs any claims with the key access signs with now.
  std::string Signed(const crypto::Claims& claims);
  /// What the token of `who.all` says.
  crypto::Claims ClaimsOf(const Tenant& who) const;
  /// Methods that answered well at least once while the world was made.
  const std::set<std::string>& succeeded() const { return succeeded_; }

 private:
  World();
  void Found(Tenant& who, const std::string& mark);
  void Furnish(Tenant& who);
  void FurnishCentre(Tenant& who);
  void FurnishCalls(Tenant& who);
  void FurnishOrders(Tenant& who);
  void FurnishCampaigns(Tenant& who);
  void FurnishKnowledge(Tenant& who);
  void Roam(Tenant& who);

  bool begun_ = false;
  std::string problem_;  // why it could not be furnished
  std::vector<std::string> services_;
  std::unique_ptr<testing::Platform> platform_;
  std::map<std::string, std::unique_ptr<Line>> lines_;
  std::string operator_;  // token of the platform's administrator
  std::map<std::string, std::string> service_tokens_;
  Tenant ours_, theirs_;
  std::set<std::string> succeeded_;
  std::optional<crypto::SigningKey> key_;
};

}  // namespace carillon::walk
