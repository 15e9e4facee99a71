#include "carillon/telephony/v1/call_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace telephony = carillon::telephony::v1;

/// Every event of a call carries the call as it is.
template <class Event>
void ApplyCall(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  const telephony::Call& call = event.call();
  pb::CallFact fact;
  fact.set_call(call.name());
  *fact.mutable_arrive_time() = call.create_time();
  fact.set_direction(DirectionOf(call.direction()));
  fact.set_attempt(call.attempt());
  if (call.has_dial_time()) *fact.mutable_dial_time() = call.dial_time();
  if (call.has_answer_time()) *fact.mutable_answer_time() = call.answer_time();
  if (call.state() == telephony::Call::CLEARED || call.state() == telephony::Call::FAILED) {
    *fact.mutable_end_time() = call.state_time();
    fact.set_cause(telephony::Call::Cause_Name(call.cause()));
  }
  store::Put(tx, fact, call.session(), call.interaction(), id.occurred_at);
}

}  // namespace

void OnCalls(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.telephony.calls.v1";
  Consume<telephony::CallDelivered>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallDialled>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallAnswered>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallEstablished>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallHeld>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallRetrieved>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallTransferred>(host, kTopic, deps, ApplyCall);
  Consume<telephony::CallCleared>(host, kTopic, deps, ApplyCall);
}

}  // namespace carillon::insight::events
