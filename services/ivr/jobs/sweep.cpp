#include "ivr/jobs/sweep.hpp"

#include "ivr/api/api.hpp"
#include "ivr/store/sessions.hpp"
#include "obs/log.hpp"

namespace carillon::ivr::jobs {

void Sweep(host::Host& host, Deps& deps, Call& call) {
  using Left = std::vector<std::pair<std::string, std::string>>;
  const auto left = host.worker_db().Write(call, [&](pg::Tx& tx) -> Result<Left> {
    store::ForgetNumbers(tx, call.now - std::chrono::hours{24} * deps.settings.number_days);
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

}  // namespace carillon::ivr::jobs
