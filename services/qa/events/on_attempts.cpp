#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "qa/events/consume.hpp"
#include "qa/store/candidates.hpp"

namespace carillon::qa::events {
namespace {

namespace campaign = carillon::campaign::v1;

/// An attempt that came to a conversation ended, or its disposition was changed: the last word counts.
Result<void> Ended(Call& call, Deps& deps, const campaign::AttemptEnded& event, const pg::EventId& id) {
  const auto& attempt = event.attempt();
  if (attempt.interaction().empty() || attempt.client().empty()) return Ok();
  return deps.db.Apply(call, id, [&](pg::Tx& tx) -> Result<void> {
    store::NoteSale(tx, attempt.interaction(), attempt.client(), FromProto(attempt.end_time()),
                    attempt.disposition() == campaign::SOLD, id.occurred_at);
    return Ok();
  });
}

}  // namespace

void OnAttempts(host::Host& host, Deps& deps) { host.On("carillon.campaign.attempts.v1", deps, Ended); }

}  // namespace carillon::qa::events
