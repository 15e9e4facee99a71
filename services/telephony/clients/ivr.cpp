#include "telephony/clients/ivr.hpp"

#include "base/ids.hpp"
#include "carillon/ivr/v1/session_service.pb.h"

namespace carillon::telephony::clients {
namespace {

namespace ivr = carillon::ivr::v1;

template <class From, class To>
void CopyPrompts(const From& from, To& to) {
  for (const auto& prompt : from) {
    auto& copy = *to.Add();
    copy.set_text(prompt.text());
    copy.set_language(prompt.language());
    copy.set_announcement(prompt.announcement());
  }
}

Result<domain::MenuStep> Translated(const ivr::SessionStep& step) {
  domain::MenuStep out;
  out.session = step.session();
  out.version = step.version();
  out.client = step.client();
  switch (step.instruction_case()) {
    case ivr::SessionStep::kPlay: {
      const auto& play = step.play();
      if (play.has_transfer()) {
        auto& transfer = *out.instruction.mutable_transfer();
        CopyPrompts(play.prompts(), *transfer.mutable_prompts());
        transfer.set_phone_number(play.transfer().number());
        *transfer.mutable_ring_duration() = play.transfer().ring_timeout();
        return out;
      }
      CopyPrompts(play.prompts(), *out.instruction.mutable_play()->mutable_prompts());
      out.returns = play.has_returned();
      out.done = play.returned().done();
      out.result = play.returned().result();
      return out;
    }
    case ivr::SessionStep::kCollect: {
      if (step.collect().has_record()) {
        auto& record = *out.instruction.mutable_record();
        CopyPrompts(step.collect().prompts(), *record.mutable_prompts());
        *record.mutable_max_length() = step.collect().record().max_length();
        *record.mutable_max_silence() = step.collect().record().max_silence();
        return out;
      }
      auto& collect = *out.instruction.mutable_collect();
      CopyPrompts(step.collect().prompts(), *collect.mutable_prompts());
      collect.set_max_digits(step.collect().max_digits());
      collect.set_terminator(step.collect().terminator());
      *collect.mutable_first_timeout() = step.collect().first_timeout();
      *collect.mutable_inter_digit_timeout() = step.collect().inter_digit_timeout();
      collect.set_secret(step.collect().secret());
      return out;
    }
    case ivr::SessionStep::kQueued:
      out.interaction = step.queued().interaction();
      CopyPrompts(step.queued().texts(), *out.instruction.mutable_music()->mutable_prompts());
      return out;
    case ivr::SessionStep::kHangUp:
      CopyPrompts(step.hang_up().texts(), *out.instruction.mutable_release()->mutable_prompts());
      return out;
    case ivr::SessionStep::INSTRUCTION_NOT_SET:
      break;
  }
  return Internal("ivr gave a step without an instruction");
}

}  // namespace

Result<domain::MenuStep> Ivr::Start(const Call& call, const pb::Call& of, const std::string& assistance) {
  ivr::StartSessionRequest request;
  request.set_call(of.name());
  request.set_calling_number(of.calling_number());
  request.set_called_number(of.called_number());
  request.set_channel(carillon::type::v1::VOICE);
  if (assistance.empty()) {
    *request.mutable_start_time() = of.create_time();
  } else {
    *request.mutable_start_time() = of.assistance().start_time();
    auto& asked = *request.mutable_assistance();
    asked.set_name(assistance);
    asked.set_agent(of.assistance().agent());
    asked.set_interaction(of.interaction());
    asked.set_flow(of.assistance().flow());
    asked.set_customer(of.assistance().customer());
  }
  request.set_request_id(DerivedId("ivr.StartSession", of.name() + assistance));
  TRY(const auto step,
      peer_.Ask<ivr::SessionStep>(call, "carillon.ivr.v1.SessionService/StartSession", request, timeout_));
  TRY(auto out, Translated(step));
  out.assistance = assistance;
  return out;
}

namespace {

/// Sends one answer; when the session has gone past it, or was lost, asks where the call stands.
Result<domain::MenuStep> Send(rpc::Peer& peer, std::chrono::milliseconds timeout, Ivr& menu, const Call& call,
                              const pb::Call& of, const std::string& assistance,
                              const ivr::SendInputRequest& request) {
  const auto step =
      peer.Ask<ivr::SessionStep>(call, "carillon.ivr.v1.SessionService/SendInput", request, timeout);
  if (!step) {
    const auto& reason = step.error().reason;
    if (reason == "SEQUENCE_STALE" || reason == "SESSION_UNKNOWN") return menu.Start(call, of, assistance);
    return step.error();
  }
  TRY(auto out, Translated(*step));
  out.assistance = assistance;
  return out;
}

/// What became of a number outside, in the menu's words.
ivr::TransferOutcome OutcomeOf(pb::Call::Cause cause) {
  switch (cause) {
    case pb::Call::CAUSE_UNSPECIFIED:
      return ivr::TRANSFER_CONNECTED;
    case pb::Call::BUSY:
      return ivr::TRANSFER_BUSY;
    case pb::Call::NO_ANSWER:
      return ivr::TRANSFER_NO_ANSWER;
    default:
      return ivr::TRANSFER_FAILED;
  }
}

}  // namespace

Result<domain::MenuStep> Ivr::Answer(const Call& call, const pb::Call& of, const std::string& assistance,
                                     const pb::CallTask::SendInput& input) {
  ivr::SendInputRequest request;
  request.set_session(input.session());
  request.set_sequence(input.session_version());
  request.set_request_id(
      DerivedId("ivr.SendInput", of.name() + "/" + std::to_string(input.directive_version())));
  switch (input.input_case()) {
    case pb::CallTask::SendInput::kDigits:
      request.set_digits(input.digits());
      break;
    case pb::CallTask::SendInput::kPlayed:
      request.set_played(true);
      break;
    case pb::CallTask::SendInput::kRecorded:
      request.mutable_recorded()->set_media(input.recorded().media());
      *request.mutable_recorded()->mutable_length() = input.recorded().length();
      break;
    case pb::CallTask::SendInput::kTransferred:
      request.set_transferred(OutcomeOf(input.transferred()));
      break;
    default:
      request.set_timed_out(true);
      break;
  }
  return Send(peer_, timeout_, *this, call, of, assistance, request);
}

Result<domain::MenuStep> Ivr::AnswerSecret(const Call& call, const pb::Call& of, const std::string& digits) {
  const bool assisted = domain::IsAssisted(of);
  ivr::SendInputRequest request;
  request.set_session(assisted ? of.assistance().session() : of.session());
  request.set_sequence(assisted ? of.assistance().session_version() : of.session_version());
  // No request_id: the sequence makes a repeat harmless, and no hash of a secret is to be kept.
  request.set_digits(digits);
  return Send(peer_, timeout_, *this, call, of, assisted ? of.assistance().name() : "", request);
}

Result<std::string> Ivr::End(const Call& call, const std::string& of, const std::string& assistance,
                             pb::Call::Cause cause) {
  ivr::EndSessionRequest request;
  request.set_call(of);
  request.set_assistance(assistance);
  request.set_cause(pb::Call::Cause_Name(cause));
  request.set_request_id(DerivedId("ivr.EndSession", of + assistance));
  const auto ended =
      peer_.Ask<ivr::Session>(call, "carillon.ivr.v1.SessionService/EndSession", request, timeout_);
  if (ended) return ended->interaction();
  if (ended.error().reason == "SESSION_UNKNOWN") return std::string();
  return ended.error();
}

}  // namespace carillon::telephony::clients
