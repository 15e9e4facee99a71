#include "base/proto_time.hpp"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "insight/events/consume.hpp"

namespace carillon::insight::events {
namespace {

namespace campaign = carillon::campaign::v1;

/// An attempt that was never dialled was not made.
void PutAttempt(pg::Tx& tx, const campaign::Attempt& attempt, const std::string& offer, TimePoint as_of) {
  if (!attempt.has_dial_time()) return;
  pb::AttemptFact fact;
  fact.set_attempt(attempt.name());
  fact.set_campaign(attempt.campaign());
  fact.set_client(attempt.client());
  fact.set_target_record(attempt.target_record());
  fact.set_customer(attempt.customer());
  fact.set_number(attempt.number());
  fact.set_state(campaign::Attempt::State_Name(attempt.state()));
  if (attempt.disposition() != campaign::DISPOSITION_UNSPECIFIED) {
    fact.set_disposition(campaign::Disposition_Name(attempt.disposition()));
  }
  fact.set_offer(offer);
  *fact.mutable_dial_time() = attempt.dial_time();
  if (attempt.has_answer_time()) *fact.mutable_answer_time() = attempt.answer_time();
  if (attempt.has_connect_time()) *fact.mutable_connect_time() = attempt.connect_time();
  if (attempt.has_end_time()) *fact.mutable_end_time() = attempt.end_time();
  if (attempt.has_callback_time()) *fact.mutable_callback_time() = attempt.callback_time();
  if (attempt.has_next_callback_time()) *fact.mutable_next_callback_time() = attempt.next_callback_time();
  fact.set_call(attempt.call());
  fact.set_interaction(attempt.interaction());
  fact.set_agent(attempt.agent());
  *fact.mutable_talk() = attempt.talk_duration();
  store::Put(tx, fact, static_cast<int>(attempt.state()), as_of);
}

template <class Event>
void ApplyAttempt(pg::Tx& tx, const Event& event, const pg::EventId& id) {
  PutAttempt(tx, event.attempt(), "", id.occurred_at);
}
void ApplySale(pg::Tx& tx, const campaign::SaleClosed& event, const pg::EventId& id) {
  PutAttempt(tx, event.attempt(), event.offer(), id.occurred_at);
}

void ApplyRefusal(pg::Tx& tx, const campaign::ContactRefused& event, const pg::EventId& id) {
  pb::RefusalFact fact;
  fact.set_target_record(event.target_record().name());
  fact.set_campaign(event.target_record().campaign());
  fact.set_refusal(campaign::Refusal_Name(event.gate().refusal()));
  *fact.mutable_refuse_time() =
      event.gate().has_check_time() ? event.gate().check_time() : ToProto(id.occurred_at);
  store::Put(tx, fact, id.event_id);
}

}  // namespace

void OnAttempts(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.campaign.attempts.v1";
  Consume<campaign::AttemptDialled>(host, kTopic, deps, ApplyAttempt);
  Consume<campaign::AttemptEnded>(host, kTopic, deps, ApplyAttempt);
  Consume<campaign::SaleClosed>(host, kTopic, deps, ApplySale);
  Consume<campaign::ContactRefused>(host, kTopic, deps, ApplyRefusal);
}

}  // namespace carillon::insight::events
