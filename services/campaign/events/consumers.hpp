#pragma once
#include "campaign/api/deps.hpp"
#include "host/host.hpp"

/// What others tell of attempts and customers.
namespace carillon::campaign::events {

using api::Deps;

/// One for each topic.
void OnCalls(host::Host& host, Deps& deps);
void OnInteractions(host::Host& host, Deps& deps);
void OnCustomers(host::Host& host, Deps& deps);

}  // namespace carillon::campaign::events
