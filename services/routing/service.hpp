#pragma once
#include "host/host.hpp"
#include "routing/api/deps.hpp"
#include "routing/clients/telephony.hpp"
#include "routing/settings.hpp"

namespace carillon::routing {

/// Queues, agents and interactions, put together.
class Service {
 public:
  static constexpr const char* kName = "routing";
  using Settings = routing::Settings;
  Service(host::Host& host, const Settings& settings);

 private:
  shard::Shards shards_;
  clients::Owners owners_;
  Deps deps_;
  clients::Telephony telephony_;
};

}  // namespace carillon::routing
