#include "routing/service.hpp"

#include <stdexcept>

#include "obs/log.hpp"
#include "routing/api/door.hpp"
#include "routing/api/handlers.hpp"
#include "routing/jobs/count_floor.hpp"
#include "routing/jobs/forget.hpp"

namespace carillon::routing {
namespace {

shard::Options OptionsOf(const Settings& settings, const host::CommonSettings& common) {
  shard::Options options;
  options.append_limit = std::chrono::milliseconds{settings.append_limit_ms};
  options.lease = std::chrono::milliseconds{settings.lease_ms};
  options.desk_expiry = std::chrono::seconds{settings.desk_expiry_s};
  options.snapshot_every = settings.snapshot_every;
  options.most_in_batch = settings.batch;
  options.self = common.instance + "@" + (settings.address.empty() ? common.listen : settings.address);
  return options;
}

}  // namespace

Service::Service(host::Host& host, const Settings& settings)
    : shards_(
          host.db(), host.clock(),
          [&host](const std::string& tenant, std::chrono::milliseconds limit) {
            return host.CallFor(tenant, limit);
          },
          OptionsOf(settings, host.settings())),
      owners_({host.settings().tls_ca, host.settings().tls_cert, host.settings().tls_key}),
      deps_{host.db(), host.clock(), shards_, owners_},
      telephony_{host, std::chrono::milliseconds{settings.telephony_timeout_ms}} {
  api::Door work(host.server(), "carillon.routing.v1.InteractionService", deps_);
  work.Unary("CreateInteraction", api::CreateInteraction);
  work.Unary("GetInteraction", api::GetInteraction);
  work.Unary("ListInteractions", api::ListInteractions);
  work.Unary("CancelInteraction", api::CancelInteraction);
  work.Unary("RequestCallback", api::RequestCallback);
  work.Unary("ReportMediaConnected", api::ReportMediaConnected);
  work.Unary("ReportMediaFailed", api::ReportMediaFailed);
  work.Unary("ReportMediaEnded", api::ReportMediaEnded);
  work.Unary("ExplainInteraction", api::ExplainInteraction);

  api::Door desk(host.server(), "carillon.routing.v1.AgentService", deps_);
  desk.Unary("SignIn", api::SignIn);
  desk.Unary("SignOut", api::SignOut);
  desk.Unary("SetStatus", api::SetStatus);
  desk.Stream("WatchDesk", api::WatchDesk);
  desk.Unary("AcceptReservation", api::AcceptReservation);
  desk.Unary("RejectReservation", api::RejectReservation);
  desk.Unary("HoldInteraction", api::HoldInteraction);
  desk.Unary("RetrieveInteraction", api::RetrieveInteraction);
  desk.Unary("MuteInteraction", api::MuteInteraction);
  desk.Unary("ReleaseInteraction", api::ReleaseInteraction);
  desk.Unary("TransferInteraction", api::TransferInteraction);
  desk.Unary("StartConsult", api::StartConsult);
  desk.Unary("JoinConsult", api::JoinConsult);
  desk.Unary("CompleteConsult", api::CompleteConsult);
  desk.Unary("EndConsult", api::EndConsult);
  desk.Unary("CompleteInteraction", api::CompleteInteraction);
  desk.Unary("ExtendWrapUp", api::ExtendWrapUp);
  desk.Unary("ExplainAgent", api::ExplainAgent);
  desk.Unary("SuperviseInteraction", api::SuperviseInteraction);
  desk.Unary("TakeOverInteraction", api::TakeOverInteraction);
  desk.Unary("PullInteraction", api::PullInteraction);
  desk.Unary("ForceRelease", api::ForceRelease);
  desk.Unary("ForceStatus", api::ForceStatus);
  desk.Unary("MoveAgent", api::MoveAgent);
  desk.Unary("ListAgentSessions", api::ListAgentSessions);

  api::Door rules(host.server(), "carillon.routing.v1.QueueService", deps_);
  rules.Unary("CreateQueue", api::CreateQueue);
  rules.Unary("GetQueue", api::GetQueue);
  rules.Unary("ListQueues", api::ListQueues);
  rules.Unary("UpdateQueue", api::UpdateQueue);
  rules.Unary("DeleteQueue", api::DeleteQueue);
  rules.Unary("GetQueueState", api::GetQueueState);
  rules.Stream("WatchQueues", api::WatchQueues);
  rules.Unary("GetDeskRules", api::GetDeskRules);
  rules.Unary("UpdateDeskRules", api::UpdateDeskRules);
  rules.Unary("DryRunRules", api::DryRunRules);
  rules.Unary("ReplayDay", api::ReplayDay);
  rules.Unary("StartCanary", api::StartCanary);
  rules.Unary("GetCanary", api::GetCanary);
  rules.Unary("PromoteCanary", api::PromoteCanary);
  rules.Unary("EndCanary", api::EndCanary);
  rules.Unary("CreateSkill", api::CreateSkill);
  rules.Unary("GetSkill", api::GetSkill);
  rules.Unary("ListSkills", api::ListSkills);
  rules.Unary("UpdateSkill", api::UpdateSkill);
  rules.Unary("DeleteSkill", api::DeleteSkill);
  rules.Unary("CreateRoutingProfile", api::CreateRoutingProfile);
  rules.Unary("GetRoutingProfile", api::GetRoutingProfile);
  rules.Unary("ListRoutingProfiles", api::ListRoutingProfiles);
  rules.Unary("UpdateRoutingProfile", api::UpdateRoutingProfile);
  rules.Unary("DeleteRoutingProfile", api::DeleteRoutingProfile);
  rules.Unary("CreateAgent", api::CreateAgent);
  rules.Unary("GetAgent", api::GetAgent);
  rules.Unary("ListAgents", api::ListAgents);
  rules.Unary("UpdateAgent", api::UpdateAgent);
  rules.Unary("DeleteAgent", api::DeleteAgent);

  host.Tasks<pb::ConnectAgentTask>("telephony.connect_agent", telephony_, clients::ConnectAgent);
  host.Tasks<pb::ReleaseCallTask>("telephony.release_call", telephony_, clients::ReleaseCall);
  host.Tasks<pb::HoldCallTask>("telephony.hold_call", telephony_, clients::HoldCall);
  host.Tasks<pb::ArrangeCallTask>("telephony.arrange_call", telephony_, clients::ArrangeCall);
  host.Every("old numbers", std::chrono::seconds{30},
             [&host, kept = std::chrono::days{settings.retention_days}](Call& worker) {
               const auto forgotten = jobs::ForgetPersonalValues(worker, host.worker_db(), kept);
               if (!forgotten)
                 obs::Warn("old numbers were not forgotten", {{"reason", forgotten.error().reason}});
             });
  host.Every("floor", std::chrono::seconds{5},
             [this](Call& call) { jobs::ShowFloor(jobs::CountFloor(call, shards_)); });
  host.OnStop([this] { shards_.Stop(); });
  if (const auto opened = shards_.Open(host.CallFor("", std::chrono::seconds{30}), host.worker_db()); !opened)
    throw std::runtime_error("the shards cannot be found: " + opened.error().message);
}

}  // namespace carillon::routing
