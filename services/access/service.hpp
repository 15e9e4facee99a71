#pragma once
#include <memory>

#include "access/deps.hpp"
#include "access/jobs/audit_writer.hpp"
#include "access/settings.hpp"
#include "host/host.hpp"

namespace carillon::access {

/// Identity and rights: tenants, organisation, users, roles, tokens and their keys.
///
/// Made after the databases are reachable, before the server listens. The first start on an empty database
/// makes the platform's tenant and administrator, however many processes start at once. Throws
/// std::runtime_error when that or the signing keys fail: without them nothing else of the platform works.
class Service {
 public:
  static constexpr const char* kName = "access";
  using Settings = access::Settings;
  Service(host::Host& host, const Settings& settings);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  Settings settings_;
  KeyRing keys_;
  AuditWriter audit_;
  Deps deps_;
};

}  // namespace carillon::access
