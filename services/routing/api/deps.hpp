#pragma once
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

/// The part of a name after its collection.
inline std::string IdIn(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace carillon::routing
