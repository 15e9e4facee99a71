#include "base/proto_time.hpp"
#include "carillon/routing/v1/routing_events.pb.h"
#include "qa/events/consume.hpp"
#include "qa/store/candidates.hpp"

namespace carillon::qa::events {
namespace {

namespace pb = carillon::qa::v1;
namespace routing = carillon::routing::v1;
using routing::Interaction;

/// A conversation with a customer that an agent had by voice; internal ones and those where nobody spoke are
/// nothing to judge.
bool IsConversation(const Interaction& interaction) {
  const bool voice = interaction.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED ||
                     interaction.channel() == carillon::type::v1::VOICE;
  return voice && interaction.direction() != Interaction::INTERNAL && !interaction.client().empty() &&
         !interaction.agent().empty() && FromProto(interaction.talk_duration()) > Duration::zero();
}

Result<void> Completed(Call& call, Deps& deps, const routing::InteractionCompleted& event,
                       const pg::EventId& id) {
  const auto& interaction = event.interaction();
  if (!IsConversation(interaction)) return Ok();
  pb::Evaluation candidate;
  candidate.set_client(interaction.client());
  candidate.set_agent(interaction.agent());
  candidate.set_interaction(interaction.name());
  candidate.set_call(interaction.call());
  candidate.set_customer(interaction.customer());
  candidate.set_queue(interaction.queue());
  candidate.set_direction(interaction.direction() == Interaction::OUTBOUND ? pb::OUTBOUND : pb::INBOUND);
  candidate.set_disposition(interaction.disposition());
  *candidate.mutable_interaction_end_time() =
      interaction.has_media_end_time() ? interaction.media_end_time() : interaction.end_time();
  *candidate.mutable_talk_duration() = interaction.talk_duration();
  *candidate.mutable_hold_duration() = interaction.hold_duration();
  return deps.db.Apply(call, id, [&](pg::Tx& tx) -> Result<void> {
    store::AddCandidate(tx, candidate);
    return Ok();
  });
}

}  // namespace

void OnInteractions(host::Host& host, Deps& deps) {
  host.On("carillon.routing.interactions.v1", deps, Completed);
}

}  // namespace carillon::qa::events
