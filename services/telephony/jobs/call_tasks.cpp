#include "telephony/jobs/call_tasks.hpp"

#include "obs/log.hpp"

namespace carillon::telephony::jobs {
namespace {

namespace pb = carillon::telephony::v1;

/// What the menu said becomes the call's next directive; what it refused for good releases the call.
Result<void> Apply(const Call& call, Deps& deps, const pb::Call& of, const std::string& assistance,
                   const Result<domain::MenuStep>& said) {
  if (said) {
    TRY_VOID(Step(call, deps, of.name(), [&](const pb::Call& now) -> Result<domain::Change> {
      return domain::MenuStepped(now, *said, call.now);
    }));
    return Ok();
  }
  const auto& error = said.error();
  if (IsTransient(error)) return error;
  if (!assistance.empty()) {
    obs::Warn("the flow of an assistance was refused", {{"call", of.name()}, {"reason", error.reason}});
    TRY_VOID(Step(call, deps, of.name(), [&](const pb::Call& now) -> Result<domain::Change> {
      return domain::AssistanceRefused(now, assistance, error.reason, call.now);
    }));
    return Ok();
  }
  const bool no_service = error.reason == "NUMBER_UNKNOWN" || error.reason == "FLOW_NOT_PUBLISHED";
  obs::Warn("the menu refused a call",
            {{"call", of.name()}, {"called_number", of.called_number()}, {"reason", error.reason}});
  TRY_VOID(Step(call, deps, of.name(), [&](const pb::Call& now) -> Result<domain::Change> {
    return domain::MenuRefused(now, no_service ? pb::Call::INVALID_NUMBER : pb::Call::SYSTEM, call.now);
  }));
  return Ok();
}

/// Asks for leave and does as campaign says; also for a call that is over, since leave may have been given to
/// a process that died before it could say so.
Result<void> Redeem(const Call& call, const Call& plain, Deps& deps, const pb::Call& of,
                    const std::string& dial_token) {
  if (!of.attempt().empty()) return Ok();
  const auto order = deps.campaign.Redeem(call, of.name(), dial_token);
  if (!order && IsTransient(order.error())) return order.error();
  if (!order) obs::Warn("campaign refused a call", {{"call", of.name()}, {"reason", order.error().reason}});
  TRY_VOID(Step(plain, deps, of.name(), [&](const pb::Call& now) -> Result<domain::Change> {
    return order ? domain::Redeemed(now, *order, call.now) : domain::NotAuthorised(now, call.now);
  }));
  return Ok();
}

/// Brings the customer who answered to routing; also one who has left since, for the same reason.
Result<void> Place(const Call& call, const Call& plain, Deps& deps, const pb::Call& of) {
  if (!of.interaction().empty()) return Ok();
  const auto made = deps.routing.Create(call, of);
  if (!made && IsTransient(made.error())) return made.error();
  if (!made)
    obs::Warn("routing refused an answered call", {{"call", of.name()}, {"reason", made.error().reason}});
  TRY_VOID(Step(plain, deps, of.name(), [&](const pb::Call& now) -> Result<domain::Change> {
    return made ? domain::InteractionMade(now, *made, call.now) : domain::InteractionRefused(now, call.now);
  }));
  return Ok();
}

}  // namespace

Result<void> DoCallTask(Call& call, Deps& deps, const pb::CallTask& task) {
  const Call plain = WithoutReplay(call);  // each step is harmless twice, and answers hold personal values
  switch (task.work_case()) {
    case pb::CallTask::kStartSession:
    case pb::CallTask::kStartAssistance:
    case pb::CallTask::kSendInput: {
      TRY(const pb::Call of, deps.db.Read(call, [&](pg::Tx& tx) { return store::Load(tx, task.call()); }));
      const auto& assistance = task.assistance();
      // The caller has left; EndSession is behind us in the line, or not needed since they talk to a number
      // outside.
      if (domain::IsOver(of) && !task.send_input().has_transferred()) return Ok();
      if (!assistance.empty() && (!domain::IsAssisted(of) || of.assistance().name() != assistance))
        return Ok();
      if (task.has_start_session() && !of.session().empty()) return Ok();
      return Apply(plain, deps, of, assistance,
                   task.has_send_input() ? deps.ivr.Answer(call, of, assistance, task.send_input())
                                         : deps.ivr.Start(call, of, assistance));
    }
    case pb::CallTask::kEndSession: {
      TRY(const std::string interaction,
          deps.ivr.End(call, task.call(), task.assistance(), task.end_session().cause()));
      if (!task.assistance().empty()) return Ok();
      TRY_VOID(Step(plain, deps, task.call(), [&](const pb::Call& now) -> Result<domain::Change> {
        return domain::MenuLeft(now, interaction, call.now);
      }));
      return Ok();
    }
    case pb::CallTask::kRedeemDialToken:
    case pb::CallTask::kCreateInteraction: {
      TRY(const pb::Call of, deps.db.Read(call, [&](pg::Tx& tx) { return store::Load(tx, task.call()); }));
      return task.has_create_interaction()
                 ? Place(call, plain, deps, of)
                 : Redeem(call, plain, deps, of, task.redeem_dial_token().dial_token());
    }
    case pb::CallTask::kMediaConnected:
      return deps.routing.Connected(call, task.media_connected());
    case pb::CallTask::kMediaFailed:
      return deps.routing.Failed(call, task.media_failed());
    case pb::CallTask::kMediaEnded:
      return deps.routing.Ended(call, task.call(), task.media_ended());
    case pb::CallTask::WORK_NOT_SET:
      break;
  }
  return Internal("a call task without work");
}

}  // namespace carillon::telephony::jobs
