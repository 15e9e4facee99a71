#include "carillon/routing/v1/routing_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace routing = carillon::routing::v1;

pb::InteractionFact::Result ResultOf(const routing::Interaction& interaction) {
  switch (interaction.state()) {
    case routing::Interaction::COMPLETED:
      return pb::InteractionFact::SERVED;
    case routing::Interaction::ABANDONED:
      return pb::InteractionFact::LEFT;
    case routing::Interaction::CANCELED:
      return pb::InteractionFact::WITHDRAWN;
    default:
      return pb::InteractionFact::RESULT_UNSPECIFIED;
  }
}

template <class Event>
void ApplyInteraction(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  const routing::Interaction& interaction = event.interaction();
  // Advice between agents is no contact: it becomes one when the customer stays with who was asked.
  if (interaction.direction() == routing::Interaction::INTERNAL && !interaction.parent().empty()) return;
  pb::InteractionFact fact;
  fact.set_interaction(interaction.name());
  fact.set_call(interaction.call());
  fact.set_client(interaction.client());
  fact.set_channel(interaction.channel());
  fact.set_direction(DirectionOf(interaction.direction()));
  fact.set_queue(interaction.queue());
  fact.set_agent(interaction.agent());
  fact.set_customer(interaction.customer());
  fact.set_result(ResultOf(interaction));
  *fact.mutable_arrive_time() = interaction.create_time();
  if (fact.result() != pb::InteractionFact::RESULT_UNSPECIFIED)
    *fact.mutable_end_time() = interaction.end_time();
  *fact.mutable_wait() = interaction.wait_duration();
  *fact.mutable_ring() = interaction.ring_duration();
  *fact.mutable_talk() = interaction.talk_duration();
  *fact.mutable_hold() = interaction.hold_duration();
  *fact.mutable_wrap() = interaction.wrap_duration();
  fact.set_disposition(interaction.disposition());
  store::Put(tx, fact, id.occurred_at);
}

}  // namespace

void OnInteractions(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.routing.interactions.v1";
  Consume<routing::InteractionCreated>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionOffered>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionRequeued>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionOverflowed>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionAccepted>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionAbandoned>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionCanceled>(host, kTopic, deps, ApplyInteraction);
  Consume<routing::InteractionCompleted>(host, kTopic, deps, ApplyInteraction);
}

}  // namespace carillon::insight::events
