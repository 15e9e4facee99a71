#include "campaign/events/consumers.hpp"
#include "campaign/events/learn.hpp"
#include "campaign/events/line.hpp"
#include "carillon/telephony/v1/call_events.pb.h"

namespace carillon::campaign::events {
namespace {

namespace telephony = carillon::telephony::v1;

template <class Event>
Result<void> ApplyCall(Call& call, Deps& deps, const Event& event, const pg::EventId& id) {
  if (event.call().direction() != telephony::Call::OUTBOUND) return Ok();
  return LearnOfCall(call, deps, id, event.call().name(),
                     [&](v1::AttemptRecord& record) { TellOfLine(event.call(), record); });
}

}  // namespace

void TellOfLine(const telephony::Call& call, v1::AttemptRecord& record) {
  auto& attempt = *record.mutable_attempt();
  if (call.has_answer_time()) *attempt.mutable_answer_time() = call.answer_time();
  const bool over = call.state() == telephony::Call::CLEARED || call.state() == telephony::Call::FAILED;
  // What came before the end knows less than the end.
  if (record.has_clear_time() && !over) return;
  bool connected = false;
  for (const auto& leg : call.legs()) {
    if (leg.role() != telephony::Leg::AGENT || !leg.has_connect_time()) continue;
    if (!connected) *attempt.mutable_connect_time() = leg.connect_time();
    attempt.set_agent(leg.agent());
    connected = true;
  }
  if (!over) return;
  *record.mutable_clear_time() = call.state_time();
  record.set_line_word(WordOf(call.cause()));
  if (connected) *attempt.mutable_talk_duration() = call.durations().talk();
}

v1::Disposition WordOf(telephony::Call::Cause cause) {
  switch (cause) {
    case telephony::Call::BUSY:
    case telephony::Call::REJECTED:
      return v1::BUSY;
    case telephony::Call::NO_ANSWER:
      return v1::NO_ANSWER;
    case telephony::Call::INVALID_NUMBER:
      return v1::INVALID_NUMBER;
    case telephony::Call::POWER_OFF:
      return v1::POWER_OFF;
    case telephony::Call::ANSWERING_MACHINE:
      return v1::VOICEMAIL;
    default:
      return v1::FAILED;
  }
}

void OnCalls(host::Host& host, Deps& deps) {
  constexpr auto kTopic = "carillon.telephony.calls.v1";
  host.On(kTopic, deps, ApplyCall<telephony::CallAnswered>);
  host.On(kTopic, deps, ApplyCall<telephony::CallEstablished>);
  host.On(kTopic, deps, ApplyCall<telephony::CallCleared>);
}

}  // namespace carillon::campaign::events
