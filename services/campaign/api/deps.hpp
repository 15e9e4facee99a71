#pragma once
#include <string>

#include "base/call.hpp"
#include "calendar/time_zone.hpp"
#include "campaign/domain/campaign.hpp"
#include "campaign/settings.hpp"
#include "campaign/store/vault.hpp"
#include "pg/pool.hpp"
#include "rpc/peer.hpp"
#include "runtime/executor.hpp"

namespace carillon::campaign::api {

namespace pb = carillon::campaign::v1;

/// What every method, consumer and job has at hand. Outlives them all.
struct Deps {
  pg::Pool& db;
  pg::Pool& worker_db;  ///< sees all tenants
  rpc::Peer& customer;
  const Settings& settings;
  calendar::TimeZone zone;  ///< of campaigns that name none
  store::Vault vault;
  runtime::Executor askers;  ///< asks the customer master for several at once

  std::chrono::milliseconds customer_timeout() const {
    return std::chrono::milliseconds{settings.customer_timeout_ms};
  }
};

/// Who decides now.
inline domain::Actor ActorOf(const Call& call, const Deps& deps) {
  return {call.principal.Name(), call.principal.unit, call.now, deps.zone};
}

/// The served enterprise a new record belongs to: the one named, or the only one the caller serves.
Result<std::string> ClientOf(const Call& call, const std::string& named);

}  // namespace carillon::campaign::api
