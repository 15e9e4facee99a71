#include "ivr/jobs/sweep.hpp"

#include "ivr/api/api.hpp"
#include "ivr/store/announcements.hpp"
#include "ivr/store/identity.hpp"
#include "ivr/store/messages.hpp"
#include "ivr/store/sessions.hpp"
#include "obs/log.hpp"
#include "obs/metrics.hpp"

namespace carillon::ivr::jobs {

void Sweep(host::Host& host, Deps& deps, Call& call) {
  using Left = std::vector<std::pair<std::string, std::string>>;
  const auto left = host.worker_db().Write(call, [&](pg::Tx& tx) -> Result<Left> {
    const TimePoint before = call.now - std::chrono::hours{24} * deps.settings.number_days;
    store::ForgetNumbers(tx, before);
    store::ForgetPaths(tx, call.now, deps.settings.path_months);
    store::ForgetMessageNumbers(tx, before);
    store::DropSounds(tx, before);
    store::DropTries(tx);
    return store::LeftBehind(tx, call.now - std::chrono::seconds{deps.settings.session_limit_s});
  });
  if (!left) {
    obs::Warn("the sweep failed", {{"why", left.error().message}});
    return;
  }
  for (const auto& [tenant, of_call] : *left) {
    Call own = host.CallFor(tenant, std::chrono::seconds{5});
    v1::EndSessionRequest request;
    request.set_call(of_call);
    request.set_cause("session_limit");
    const auto ended = api::EndSession(own, deps, request);
    if (!ended)
      obs::Warn("a session could not be closed", {{"call", of_call}, {"why", ended.error().message}});
  }
}

void CountSessions(host::Host& host, const Call& call) {
  const auto active =
      host.worker_db().Read(call, [](pg::Tx& tx) -> Result<std::int64_t> { return store::CountActive(tx); });
  if (active)
    obs::GaugeOf("carillon_ivr_active_sessions", "callers in a menu, of all processes")
        .Set(static_cast<double>(*active));
  else
    obs::Warn("sessions were not counted", {{"reason", active.error().reason}});
}

}  // namespace carillon::ivr::jobs
