#pragma once
#include <chrono>

#include "customer/store/caller_cache.hpp"
#include "customer/store/vault.hpp"
#include "pg/pool.hpp"

namespace carillon::customer {

/// Topic of everything this service announces.
inline constexpr const char* kCustomersTopic = "carillon.customer.customers.v1";

/// Where adapters of source systems publish what those say.
inline constexpr const char* kRecordsTopic = "carillon.customer.records.v1";

/// What handlers, consumers and jobs work with. Outlives them all.
struct Deps {
  pg::Pool& db;
  const store::Vault& vault;
  store::CallerCache& callers;
  /// How long the law makes us keep what names nobody of an erased customer.
  std::chrono::days kept_after_erasure{3650};
};

}  // namespace carillon::customer
