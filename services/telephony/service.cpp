#include "telephony/service.hpp"

#include "obs/log.hpp"
#include "telephony/api/handlers.hpp"
#include "telephony/jobs/call_tasks.hpp"
#include "telephony/jobs/sweeps.hpp"

namespace carillon::telephony {
namespace {

using namespace std::chrono_literals;

v1::Prompt WaitPrompt(const Settings& settings) {
  v1::Prompt prompt;
  prompt.set_text(settings.wait_text);
  prompt.set_language(settings.wait_language);
  return prompt;
}

}  // namespace

Service::Service(host::Host& host, const Settings& settings)
    : deps_{.db = host.db(),
            .link = link_,
            .ivr = {host.peer("ivr"), std::chrono::milliseconds(settings.ivr_timeout_ms)},
            .routing = {host.peer("routing"), std::chrono::milliseconds(settings.routing_timeout_ms)},
            .campaign = {host.peer("campaign"), std::chrono::milliseconds(settings.campaign_timeout_ms)},
            .wait = {WaitPrompt(settings)}} {
  rpc::Binder line(host.server(), "carillon.telephony.v1.SwitchService", deps_);
  line.Unary("ReportCallArrived", api::ReportCallArrived);
  line.Unary("ReportInput", api::ReportInput);
  line.Unary("ReportPlayed", api::ReportPlayed);
  line.Unary("ReportAgentLeg", api::ReportAgentLeg);
  line.Unary("ReportAnswered", api::ReportAnswered);
  line.Unary("ReportHangUp", api::ReportHangUp);
  line.Stream("WatchDirectives", api::WatchDirectives);

  rpc::Binder calls(host.server(), "carillon.telephony.v1.CallService", deps_);
  calls.Unary("GetCall", api::GetCall);
  calls.Unary("ListCalls", api::ListCalls);
  calls.Unary("ListCallEvents", api::ListCallEvents);
  calls.Unary("OriginateCall", api::OriginateCall);
  calls.Unary("ConnectAgent", api::ConnectAgent);
  calls.Unary("ArrangeCall", api::ArrangeCall);
  calls.Unary("HoldCall", api::HoldCall);
  calls.Unary("RetrieveCall", api::RetrieveCall);
  calls.Unary("AssistCall", api::AssistCall);
  calls.Unary("TakeBackCall", api::TakeBackCall);
  calls.Unary("SendDigits", api::SendDigits);
  calls.Unary("MarkCall", api::MarkCall);
  calls.Unary("ReleaseCall", api::ReleaseCall);
  calls.Unary("AttachData", api::AttachData);

  host.Tasks<v1::CallTask>(store::kCallTask, deps_, jobs::DoCallTask);

  const jobs::Limits limits{std::chrono::seconds(settings.longest_s), std::chrono::seconds(settings.grace_s),
                            std::chrono::days(settings.retention_days)};
  host.Every("overdue calls", 1s, [this, &host, limits](Call& worker) {
    const auto ended =
        jobs::EndOverdueCalls(worker, host.worker_db(), deps_, limits,
                              [&host](const std::string& tenant) { return host.CallFor(tenant, 5s); });
    if (!ended) obs::Warn("overdue calls were not ended", {{"reason", ended.error().reason}});
  });
  host.Every("calls", 5s, [&host](Call& worker) {
    const auto counted = jobs::CountCalls(worker, host.worker_db());
    if (!counted) obs::Warn("calls were not counted", {{"reason", counted.error().reason}});
  });
  host.Every("old calls", 60s, [&host, limits](Call& worker) {
    const auto gone = jobs::ForgetOldCalls(worker, host.worker_db(), limits);
    if (!gone) obs::Warn("old calls were not forgotten", {{"reason", gone.error().reason}});
  });
}

}  // namespace carillon::telephony
