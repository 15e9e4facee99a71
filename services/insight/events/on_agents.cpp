#include "carillon/routing/v1/routing_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace routing = carillon::routing::v1;

/// Change n ends state n - 1 and begins state n; signed out is no state to count.
void ApplyAgentState(pg::Tx& tx, const routing::AgentStateChanged& event, const pg::EventId&) {
  pb::AgentStateFact fact;
  fact.set_agent(event.agent());
  fact.set_session(event.session().name());
  if (event.from() != routing::AgentSession::SIGNED_OUT) {
    fact.set_state(routing::AgentSession::State_Name(event.from()));
    fact.set_reason(event.from_reason());
    *fact.mutable_start_time() = event.since();
    *fact.mutable_end_time() = event.until();
    store::Put(tx, fact, event.change() - 1);
  }
  if (event.to() != routing::AgentSession::SIGNED_OUT) {
    fact.set_state(routing::AgentSession::State_Name(event.to()));
    fact.set_reason(event.reason());
    *fact.mutable_start_time() = event.until();
    fact.clear_end_time();
    store::Put(tx, fact, event.change());
  }
}

}  // namespace

void OnAgents(host::Host& host, Deps& deps) {
  Consume<routing::AgentStateChanged>(host, "carillon.routing.agents.v1", deps, ApplyAgentState);
}

}  // namespace carillon::insight::events
