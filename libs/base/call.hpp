#pragma once
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace carillon::type::v1 {
class AuditEntry;
}

/// Who asks, when, and until when: what travels with every piece of work, be it an RPC, an event or a job.
namespace carillon {

/// The party behind a call, as its token says. `access` issues the tokens; every service checks them again.
struct Principal {
  std::string tenant;  ///< uuid of the tenant, the wall nothing crosses
  std::vector<std::string>
      clients;       ///< uuids of the served enterprises; empty = all of the tenant (services only)
  std::string user;  ///< uuid of the user, or "services/<name>"
  std::string unit;  ///< org unit path, e.g. "/centre/complaints/team1/", prefix = scope
  std::set<std::string, std::less<>> permissions;
  std::string token_id;  ///< jti of the token; empty when it has none
  bool service = false;  ///< one of our own processes: may act for any tenant, passes every permission

  bool May(std::string_view permission) const { return service || permissions.contains(permission); }
  /// "users/{uuid}" or "services/{name}".
  std::string Name() const { return user.starts_with("services/") ? user : "users/" + user; }
};

/// One call's frame. Cheap to copy; handlers take it by reference.
struct Call {
  Principal principal;
  TimePoint now;                                   ///< business time at arrival
  std::chrono::steady_clock::time_point deadline;  ///< real; work past it is of no use to anyone
  std::string method;                              ///< "/carillon.customer.v1.CustomerService/GetCustomer"
  std::string request_id;                          ///< uuid of the request, empty when it carries none
  std::string request_hash;                        ///< hash of the whole request, for replay
  std::string
      replay_key;  ///< seals the answer that is kept for replay; made of the whole request, kept nowhere
  std::string traceparent;  ///< W3C trace context, always valid
  std::string token;        ///< bearer token of the caller, to be carried on
  /// What is told of the change a user asked for, committed with it; null for readings and for services.
  std::shared_ptr<const type::v1::AuditEntry> audit;

  Duration Remaining() const {
    return std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
  }
};

}  // namespace carillon
