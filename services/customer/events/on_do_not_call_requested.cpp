#include "customer/events/on_do_not_call_requested.hpp"

#include "base/ids.hpp"
#include "customer/api/composing.hpp"
#include "customer/domain/customers.hpp"
#include "customer/store/customers.hpp"

namespace carillon::customer::events {

Result<void> OnDoNotCallRequested(Call& call, Deps& deps,
                                  const carillon::campaign::v1::DoNotCallRequested& event,
                                  const pg::EventId& event_id) {
  TRY(const std::string id, IdOfName(event.customer(), "customers", "customer"));
  return deps.db.Apply(call, event_id, [&](pg::Tx& tx) -> Result<void> {
    TRY(const auto before, store::LoadLivingForUpdate(tx, deps.vault, id));
    if (!before || !(before->client().empty() || before->client() == event.client())) return Ok();
    auto after = domain::NotToBeCalled(*before, event.attempt(), event_id.occurred_at, call.now);
    if (after.etag() == before->etag()) return Ok();
    if (store::IsComposed(tx, IdOf(before->name()))) {
      TRY(after, api::Edited(tx, deps, *before, after));
    }
    std::vector<std::string> numbers;
    api::SaveChanged(tx, deps, *before, after, numbers);
    return deps.callers.Changing(tx, numbers);
  });
}

}  // namespace carillon::customer::events
