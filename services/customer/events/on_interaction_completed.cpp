#include "customer/events/on_interaction_completed.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/api/steps.hpp"
#include "customer/domain/customers.hpp"
#include "customer/store/customers.hpp"
#include "customer/store/profile.hpp"

namespace carillon::customer::events {
namespace {

namespace pb = carillon::customer::v1;
using RoutedInteraction = carillon::routing::v1::Interaction;

pb::LastContact ContactOf(const RoutedInteraction& interaction, TimePoint occurred_at) {
  pb::LastContact contact;
  contact.set_direction(interaction.direction() == RoutedInteraction::OUTBOUND ? pb::LastContact::OUTBOUND
                                                                               : pb::LastContact::INBOUND);
  *contact.mutable_contact_time() = ToProto(occurred_at);
  contact.set_channel(interaction.channel());
  contact.set_interaction(interaction.name());
  contact.set_agent(interaction.agent());
  contact.set_queue(interaction.queue());
  contact.set_reason(interaction.reason());
  contact.set_disposition(interaction.disposition());
  return contact;
}

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
    const pb::Customer& before = *found;
    store::NoteContact(tx, before, ContactOf(interaction, event_id.occurred_at));
    store::SaveInteraction(tx, before, PartyInteractionOf(interaction, event_id.occurred_at));
    const pb::Customer after = domain::Touched(before, call.now);
    if (after.state() != before.state()) {
      store::SaveState(tx, deps.vault, after);
      api::AnnounceUpdated(tx, after, {"state"});
    }
    return deps.callers.Changing(tx, domain::CallableNumbers(after));
  });
}

}  // namespace carillon::customer::events
