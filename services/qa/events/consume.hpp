#pragma once
#include "host/host.hpp"
#include "qa/api/deps.hpp"

/// What others' events leave here; a function for each topic.
namespace carillon::qa::events {

using api::Deps;

void OnInteractions(host::Host& host, Deps& deps);
void OnAttempts(host::Host& host, Deps& deps);

}  // namespace carillon::qa::events
