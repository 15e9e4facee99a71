#include "campaign/domain/attempt.hpp"
#include "campaign/events/consumers.hpp"
#include "campaign/events/learn.hpp"
#include "campaign/events/line.hpp"
#include "carillon/routing/v1/routing_events.pb.h"

namespace carillon::campaign::events {
namespace {

namespace routing = carillon::routing::v1;

template <class Event>
Result<void> ApplyWork(Call& call, Deps& deps, const Event& event, const pg::EventId& id) {
  const auto& interaction = event.interaction();
  if (interaction.direction() != routing::Interaction::OUTBOUND || interaction.call().empty()) return Ok();
  return LearnOfCall(call, deps, id, interaction.call(),
                     [&](v1::AttemptRecord& record) { TellOfWork(interaction, record); });
}

}  // namespace

void TellOfWork(const routing::Interaction& interaction, v1::AttemptRecord& record) {
  auto& attempt = *record.mutable_attempt();
  attempt.set_interaction(interaction.name());
  if (interaction.state() != routing::Interaction::COMPLETED) return;
  *record.mutable_complete_time() = interaction.end_time();
  if (attempt.work_order().empty() && !interaction.work_orders().empty())
    attempt.set_work_order(interaction.work_orders(0));
  // A booked call without a time is none.
  v1::Disposition word{};
  if (v1::Disposition_Parse(interaction.disposition(), &word) && domain::IsAgentsWord(word) &&
      word != v1::CALLBACK_BOOKED)
    record.set_wrap_up_word(word);
}

void OnInteractions(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.routing.interactions.v1";
  host.On(kTopic, deps, ApplyWork<routing::InteractionAccepted>);
  host.On(kTopic, deps, ApplyWork<routing::InteractionAbandoned>);
  host.On(kTopic, deps, ApplyWork<routing::InteractionCompleted>);
}

}  // namespace carillon::campaign::events
