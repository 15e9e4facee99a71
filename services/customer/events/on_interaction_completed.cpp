#include "customer/events/on_interaction_completed.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/api/interactions.hpp"

namespace carillon::customer::events {
namespace {

namespace pb = carillon::customer::v1;
using RoutedInteraction = carillon::routing::v1::Interaction;

pb::PartyInteraction PartyInteractionOf(const RoutedInteraction& interaction, TimePoint occurred_at) {
  pb::PartyInteraction out;
  out.set_name(interaction.name());
  out.set_outbound(interaction.direction() == RoutedInteraction::OUTBOUND);
  out.set_channel(interaction.channel());
  *out.mutable_end_time() = ToProto(occurred_at);
  out.set_agent(interaction.agent());
  out.set_queue(interaction.queue());
  out.set_reason(interaction.reason());
  out.set_disposition(interaction.disposition());
  return out;
}

}  // namespace

Result<void> OnInteractionCompleted(Call& call, Deps& deps,
                                    const carillon::routing::v1::InteractionCompleted& event,
                                    const pg::EventId& event_id) {
  const RoutedInteraction& interaction = event.interaction();
  const bool with_customer =
      !interaction.customer().empty() && interaction.direction() != RoutedInteraction::INTERNAL;
  std::string id;
  if (with_customer) {
    TRY(id, IdOfName(interaction.customer(), "customers", "interaction.customer"));
  }
  return deps.db.Apply(call, event_id, [&](pg::Tx& tx) -> Result<void> {
    if (!with_customer) return Ok();
    TRY(const auto found, store::LoadLivingForUpdate(tx, deps.vault, id));
    if (!found) return Ok();
    TRY_VOID(api::KeptInteraction(tx, deps, *found, PartyInteractionOf(interaction, event_id.occurred_at)));
    return Ok();
  });
}

}  // namespace carillon::customer::events
