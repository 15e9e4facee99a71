#include "customer/events/on_record_received.hpp"

#include "base/proto_time.hpp"
#include "customer/api/composing.hpp"

namespace carillon::customer::events {

Result<void> OnRecordReceived(Call& call, Deps& deps, const carillon::customer::v1::RecordReceived& event,
                              const pg::EventId& event_id) {
  auto record = event.record();
  if (record.key().empty()) return InvalidArgument("RECORD_WITHOUT_KEY", "the record has no key");
  if (!record.has_observe_time()) *record.mutable_observe_time() = ToProto(event_id.occurred_at);
  const auto once = [&](pg::Tx& tx) -> Result<void> {
    TRY(const auto taken, api::IngestedAll(tx, deps, event.system(), event.client(), {record}));
    const auto& result = taken.results(0);
    if (result.outcome() == carillon::customer::v1::IngestResult::REJECTED) {
      return InvalidArgument(result.reason(), "the record was refused");
    }
    return Ok();
  };
  for (int left = 3;; --left) {
    auto outcome = deps.db.Apply(call, event_id, once);
    if (outcome || outcome.error().reason != "DUPLICATE" || left == 0) return outcome;
  }
}

}  // namespace carillon::customer::events
