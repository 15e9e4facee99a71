#pragma once
#include "host/host.hpp"
#include "insight/api/deps.hpp"
#include "insight/store/facts.hpp"

/// How an event becomes a fact.
namespace carillon::insight::events {

namespace pb = carillon::insight::v1;
using api::Deps;

/// Registers `apply(tx, event, id)` for a type: it runs once for each event, in the transaction that notes
/// the event. An event that is refused for good is counted before it goes to the dead letters.
template <class Event>
void Consume(host::Host& host, const char* topic, Deps& deps,
             void (*apply)(pg::Tx&, const Event&, const pg::EventId&)) {
  host.OnBytes(topic, Event::descriptor()->full_name(),
               [&deps, apply](Call& call, const std::string& bytes, const pg::EventId& id) -> Result<void> {
                 Event event;
                 const auto applied =
                     event.ParseFromString(bytes)
                         ? deps.db.Apply(call, id,
                                         [&](pg::Tx& tx) -> Result<void> {
                                           apply(tx, event, id);
                                           return Ok();
                                         })
                         : Result<void>(InvalidArgument("EVENT_UNDECODABLE", "not a message of its type"));
                 if (!applied && !IsTransient(applied.error())) {
                   TRY_VOID(deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
                     store::NoteDead(tx, id, applied.error().reason);
                     return Ok();
                   }));
                 }
                 return applied;
               });
}

/// telephony, routing and qa number directions alike; what is not given came from the customer.
inline pb::Direction DirectionOf(int number) {
  return pb::Direction_IsValid(number) && number != 0 ? static_cast<pb::Direction>(number) : pb::INBOUND;
}

/// One for each topic.
void OnCalls(host::Host& host, Deps& deps);
void OnSessions(host::Host& host, Deps& deps);
void OnInteractions(host::Host& host, Deps& deps);
void OnAgents(host::Host& host, Deps& deps);
void OnOrders(host::Host& host, Deps& deps);
void OnCampaigns(host::Host& host, Deps& deps);
void OnAttempts(host::Host& host, Deps& deps);
void OnEvaluations(host::Host& host, Deps& deps);

}  // namespace carillon::insight::events
