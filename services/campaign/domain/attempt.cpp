#include "campaign/domain/attempt.hpp"

#include "base/proto_time.hpp"
#include "campaign/domain/errors.hpp"

namespace carillon::campaign::domain {
namespace {

using Attempt = pb::Attempt;

// Rings for two minutes at most; what the line has not told by then was lost.
constexpr std::chrono::minutes kRinging{30};
constexpr std::chrono::hours kTalking{4};
constexpr std::chrono::minutes kWrapUp{30};

constexpr std::chrono::minutes kBusyDelay{15};
constexpr std::chrono::hours kNoAnswerDelay{2};
constexpr int kMaxPerDay = 3;
constexpr int kMaxAttempts = 6;

pb::Disposition WordOf(const pb::AttemptRecord& record) {
  const auto& attempt = record.attempt();
  if (record.agent_word() != pb::DISPOSITION_UNSPECIFIED) return record.agent_word();
  if (attempt.has_connect_time()) {
    if (!record.has_complete_time() && !record.has_give_up_time()) return pb::DISPOSITION_UNSPECIFIED;
    return record.wrap_up_word() != pb::DISPOSITION_UNSPECIFIED ? record.wrap_up_word() : pb::HUNG_UP;
  }
  if (!record.has_clear_time() && !record.has_give_up_time()) return pb::DISPOSITION_UNSPECIFIED;
  if (record.line_word() == pb::VOICEMAIL) return pb::VOICEMAIL;
  if (attempt.has_answer_time()) return pb::ABANDONED;
  return record.line_word() != pb::DISPOSITION_UNSPECIFIED ? record.line_word() : pb::FAILED;
}

bool TriedAgain(pb::Disposition word) {
  switch (word) {
    case pb::BUSY:
    case pb::NO_ANSWER:
    case pb::POWER_OFF:
    case pb::VOICEMAIL:
    case pb::ABANDONED:
    case pb::FAILED:
    case pb::GATEKEEPER:
      return true;
    default:
      return false;
  }
}

Duration DelayAfter(pb::Disposition word, const pb::Campaign::RetryPolicy& retry) {
  if (word == pb::BUSY) return retry.has_busy_delay() ? FromProto(retry.busy_delay()) : Duration{kBusyDelay};
  return retry.has_no_answer_delay() ? FromProto(retry.no_answer_delay()) : Duration{kNoAnswerDelay};
}

}  // namespace

void Conclude(pb::AttemptRecord& record) {
  auto& attempt = *record.mutable_attempt();
  if (!attempt.has_dial_time()) return;
  attempt.clear_end_time();
  attempt.set_disposition(WordOf(record));
  const bool over = record.has_clear_time() || record.has_give_up_time();
  if (over && attempt.disposition() != pb::DISPOSITION_UNSPECIFIED) {
    attempt.set_state(Attempt::ENDED);
    *attempt.mutable_end_time() = record.has_clear_time() ? record.clear_time() : record.give_up_time();
  } else if (attempt.has_connect_time()) {
    attempt.set_state(Attempt::CONNECTED);
  } else {
    attempt.set_state(attempt.has_answer_time() ? Attempt::ANSWERED : Attempt::DIALLING);
  }
}

std::optional<TimePoint> WaitsUntil(const pb::AttemptRecord& record) {
  const auto& attempt = record.attempt();
  switch (attempt.state()) {
    case Attempt::LEASED:
      return FromProto(attempt.lease_expire_time());
    case Attempt::DIALLING:
      return FromProto(attempt.dial_time()) + kRinging;
    case Attempt::ANSWERED:
      return FromProto(attempt.answer_time()) + kTalking;
    case Attempt::CONNECTED:
      return record.has_clear_time() ? FromProto(record.clear_time()) + kWrapUp
                                     : FromProto(attempt.connect_time()) + kTalking;
    default:
      return std::nullopt;
  }
}

bool IsContact(const pb::AttemptRecord& record) {
  const auto& attempt = record.attempt();
  return (attempt.has_answer_time() || attempt.has_connect_time()) && attempt.disposition() != pb::VOICEMAIL;
}

void Settle(const pb::AttemptRecord& record, const pb::Campaign::RetryPolicy& retry, int counted,
            pb::TargetRecord& target) {
  const auto& attempt = record.attempt();
  const auto word = attempt.disposition();
  target.set_last_disposition(word);
  target.clear_callback_time();
  target.clear_callback_agent();
  target.clear_refusal();
  if (word == pb::CALLBACK_BOOKED && attempt.has_next_callback_time()) {
    target.set_state(pb::TargetRecord::QUEUED);
    *target.mutable_callback_time() = attempt.next_callback_time();
    *target.mutable_next_time() = attempt.next_callback_time();
    target.set_callback_agent(attempt.agent());
  } else if (!TriedAgain(word)) {
    target.set_state(pb::TargetRecord::DONE);
  } else if (counted >= (retry.max_attempts() > 0 ? retry.max_attempts() : kMaxAttempts)) {
    target.set_state(pb::TargetRecord::EXHAUSTED);
  } else {
    target.set_state(pb::TargetRecord::QUEUED);
    *target.mutable_next_time() = ToProto(FromProto(attempt.end_time()) + DelayAfter(word, retry));
  }
}

bool IsAgentsWord(pb::Disposition disposition) {
  switch (disposition) {
    case pb::DISPOSITION_UNSPECIFIED:
    case pb::BUSY:
    case pb::NO_ANSWER:
    case pb::INVALID_NUMBER:
    case pb::POWER_OFF:
    case pb::ABANDONED:
    case pb::FAILED:
      return false;
    default:
      return true;
  }
}

Result<void> Say(pb::Disposition word, const std::optional<TimePoint>& callback,
                 const calendar::WorkingCalendar& hours, TimePoint now, pb::AttemptRecord& record) {
  if (!IsAgentsWord(word)) return errors::LineWord(word);
  auto& attempt = *record.mutable_attempt();
  if (!attempt.has_connect_time()) return errors::NotConnected();
  attempt.clear_next_callback_time();
  if (word == pb::CALLBACK_BOOKED) {
    if (!callback) return errors::CallbackTimeRequired();
    if (*callback <= now || !hours.IsOpen(*callback)) return errors::CallbackTimeInvalid();
    *attempt.mutable_next_callback_time() = ToProto(*callback);
  }
  record.set_agent_word(word);
  Conclude(record);
  return Ok();
}

int MaxPerDay(const pb::Campaign::RetryPolicy& retry) {
  return retry.max_per_day() > 0 ? retry.max_per_day() : kMaxPerDay;
}

}  // namespace carillon::campaign::domain
