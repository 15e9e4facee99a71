#pragma once
#include <map>
#include <string>

#include "access/jobs/key_ring.hpp"
#include "access/settings.hpp"
#include "pg/pool.hpp"

namespace carillon::access {

/// What a handler works with. Lives as long as the service.
struct Deps {
  pg::Pool& db;         ///< row-level security applies
  pg::Pool& worker_db;  ///< sees all tenants: to find one by its slug, to make one, to list them
  const Settings& settings;
  std::string issuer;
  KeyRing& keys;
  std::map<std::string, std::string, std::less<>> service_secrets;
};

inline constexpr const char* kAudience = "carillon";
inline constexpr const char* kUsersTopic = "carillon.access.users.v1";

}  // namespace carillon::access
