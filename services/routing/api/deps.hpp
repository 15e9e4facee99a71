#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "base/call.hpp"
#include "base/ids.hpp"
#include "pg/pool.hpp"
#include "routing/clients/owner.hpp"
#include "routing/shard/shard.hpp"

namespace carillon::routing {

namespace pb = carillon::routing::v1;

/// What the handlers of this service work with; lives as long as the service.
struct Deps {
  pg::Pool& db;
  const Clock& clock;
  shard::Shards& shards;
  clients::Owners& owners;
};

/// The shard of the caller's tenant. INVALID_ARGUMENT TENANT_MISSING for a call of nobody's.
inline Result<std::shared_ptr<shard::Shard>> ShardOf(const Call& call, Deps& deps) {
  if (!IsUuid(call.principal.tenant)) return InvalidArgument("TENANT_MISSING", "The call names no tenant.");
  return deps.shards.Of(call.principal.tenant);
}

/// Whether the caller serves a client, by its name; may outlive the call.
inline std::function<bool(const std::string& client)> MaySee(const Call& call) {
  return [principal = call.principal](const std::string& client) {
    return principal.service || std::find(principal.clients.begin(), principal.clients.end(), IdOf(client)) !=
                                    principal.clients.end();
  };
}

/// The part of a name after its collection.
inline std::string IdIn(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace carillon::routing
