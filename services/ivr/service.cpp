#include "ivr/service.hpp"

#include <stdexcept>

#include "ivr/api/api.hpp"
#include "ivr/clients/answers.hpp"
#include "ivr/clients/messages.hpp"
#include "ivr/jobs/sweep.hpp"
#include "rpc/server.hpp"

namespace carillon::ivr {

Service::Service(host::Host& host, const Settings& settings)
    : settings_(settings),
      deps_{host.db(), host.peer("customer"), host.peer("routing"),
            [&host]() -> Result<rpc::Peer*> {
              // Only flows that open orders need it, so ivr runs without.
              try {
                return &host.peer("workorder");
              } catch (const std::runtime_error&) {
                return Unavailable("WORKORDER_UNKNOWN", "the setting peers names no workorder");
              }
            },
            settings_} {
  rpc::Binder sessions(host.server(), "carillon.ivr.v1.SessionService", deps_);
  sessions.Unary("StartSession", api::StartSession);
  sessions.Unary("SendInput", api::SendInput);
  sessions.Unary("EndSession", api::EndSession);
  sessions.Unary("GetSession", api::GetSession);
  sessions.Unary("ListSessions", api::ListSessions);
  sessions.Unary("GetMenuReport", api::GetMenuReport);
  rpc::Binder flows(host.server(), "carillon.ivr.v1.FlowService", deps_);
  flows.Unary("CreateFlow", api::CreateFlow);
  flows.Unary("UpdateFlow", api::UpdateFlow);
  flows.Unary("PublishFlow", api::PublishFlow);
  flows.Unary("RollBackFlow", api::RollBackFlow);
  flows.Unary("GetFlow", api::GetFlow);
  flows.Unary("ListFlows", api::ListFlows);
  flows.Unary("ValidateFlow", api::ValidateFlow);
  flows.Unary("SimulateFlow", api::SimulateFlow);
  flows.Unary("TestFlow", api::TestFlow);
  flows.Unary("CompareFlow", api::CompareFlow);
  flows.Unary("RollOutFlow", api::RollOutFlow);
  flows.Unary("ExplainMenu", api::ExplainMenu);
  flows.Unary("ImportRows", api::ImportRows);
  flows.Unary("SetNotice", api::SetNotice);
  flows.Unary("ApproveNotice", api::ApproveNotice);
  flows.Unary("ListNotices", api::ListNotices);
  flows.Unary("SetServiceNumber", api::SetServiceNumber);
  flows.Unary("GetServiceNumber", api::GetServiceNumber);
  flows.Unary("ListServiceNumbers", api::ListServiceNumbers);
  rpc::Binder library(host.server(), "carillon.ivr.v1.AnnouncementService", deps_);
  library.Unary("SetAnnouncement", api::SetAnnouncement);
  library.Unary("ApproveAnnouncement", api::ApproveAnnouncement);
  library.Unary("ListAnnouncements", api::ListAnnouncements);
  library.Unary("Speak", api::Speak);
  host.Tasks("send_message", deps_, clients::SendMessage);
  host.Tasks("cancel_interaction", deps_, clients::CancelInteraction);
  host.Every("sweep", std::chrono::seconds{10},
             [this, &host](Call& call) { jobs::Sweep(host, deps_, call); });
  host.Every("sessions", std::chrono::seconds{5}, [&host](Call& call) { jobs::CountSessions(host, call); });
}

}  // namespace carillon::ivr
