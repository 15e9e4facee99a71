#pragma once
#include "base/call.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "customer/deps.hpp"

namespace carillon::customer::events {

/// Withdraws the customer's consent to calls for offers and surveys, with the attempt in which it was said as
/// the proof, and announces CustomerUpdated. Of a merged customer it is the survivor's word; of an unknown
/// one, and of another client's than the event's, nobody's.
Result<void> OnDoNotCallRequested(Call& call, Deps& deps,
                                  const carillon::campaign::v1::DoNotCallRequested& event,
                                  const pg::EventId& id);

}  // namespace carillon::customer::events
