#pragma once
#include "base/call.hpp"
#include "carillon/routing/v1/routing_events.pb.h"
#include "customer/deps.hpp"

namespace carillon::customer::events {

/// Keeps the last contact of the interaction's direction and the count of thirty days; wakes a DORMANT
/// customer. A contact with a merged customer is its survivor's; one with an unknown customer, or none, is
/// nobody's.
Result<void> OnInteractionCompleted(Call& call, Deps& deps,
                                    const carillon::routing::v1::InteractionCompleted& event,
                                    const pg::EventId& id);

}  // namespace carillon::customer::events
