#pragma once
#include "base/call.hpp"
#include "carillon/customer/v1/customer_events.pb.h"
#include "customer/deps.hpp"

namespace carillon::customer::events {

/// Takes over what a source system published. A record that can not be is a permanent error: it goes to the
/// dead letters with its reason.
Result<void> OnRecordReceived(Call& call, Deps& deps, const carillon::customer::v1::RecordReceived& event,
                              const pg::EventId& event_id);

}  // namespace carillon::customer::events
