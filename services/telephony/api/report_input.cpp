#include "telephony/api/handlers.hpp"
#include "telephony/domain/errors.hpp"

namespace carillon::telephony::api {

Result<pb::ReportInputResponse> ReportInput(Call& call, Deps& deps, const pb::ReportInputRequest& in) {
  const Call plain = WithoutReplay(call);
  pb::ReportInputResponse response;
  bool secret = false;
  TRY(const pb::Call before, Step(plain, deps, in.call(), [&](const pb::Call& now) -> Result<domain::Change> {
        secret = in.has_digits() && now.directive().collect().secret();
        if (secret) return domain::Unchanged(now);
        TRY(auto change, domain::InputReported(now, in, plain.now));
        response.set_stale(!change.changed);
        return change;
      }));
  if (!secret) return response;

  // A secret is in no row of ours: it goes to the menu while the switch waits, and the switch repeats it if
  // need be.
  TRY(const bool answers, domain::Answers(before, in.directive_version(), false));
  response.set_stale(!answers);
  if (!answers) return response;
  const auto step = deps.ivr.AnswerSecret(plain, before, in.digits());
  if (!step) return IsTransient(step.error()) ? errors::IvrUnavailable() : step.error();
  TRY_VOID(Step(plain, deps, in.call(), [&](const pb::Call& now) {
    return domain::SecretAnswered(now, in.directive_version(), *step, plain.now);
  }));
  return response;
}

}  // namespace carillon::telephony::api
